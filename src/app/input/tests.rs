//! Bytes as terminals send them, whole and cut, in time and late.

use proptest::prelude::*;

use super::*;

fn all(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = decoder.eat(bytes);
    events.extend(decoder.give_up());
    assert!(decoder.patience().is_none());
    events
}

impl Decoder {
    /// Takes `bytes` in that came at once.
    fn eat(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.take(bytes, Duration::ZERO)
    }
}

fn plain_key(code: KeyCode) -> Event {
    key(code, KeyModifiers::NONE)
}

fn typed(text: &str) -> Vec<Event> {
    text.chars().map(|c| character(c, KeyModifiers::NONE)).collect()
}

#[test]
fn keys_are_what_terminals_send() {
    let (ctrl, alt, shift) = (KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
    for (bytes, wanted) in [
        ("a", plain_key(KeyCode::Char('a'))),
        ("G", key(KeyCode::Char('G'), shift)),
        ("é", plain_key(KeyCode::Char('é'))),
        ("\r", plain_key(KeyCode::Enter)),
        ("\t", plain_key(KeyCode::Tab)),
        ("\x7f", plain_key(KeyCode::Backspace)),
        ("\x03", key(KeyCode::Char('c'), ctrl)),
        ("\x08", key(KeyCode::Char('h'), ctrl)),
        ("\x1a", key(KeyCode::Char('z'), ctrl)),
        ("\0", key(KeyCode::Char(' '), ctrl)),
        ("\x1b", plain_key(KeyCode::Esc)),
        ("\x1bm", key(KeyCode::Char('m'), alt)),
        ("\x1b[", key(KeyCode::Char('['), alt)),
        ("\x1bO", key(KeyCode::Char('O'), alt | shift)),
        ("\x1b\x7f", key(KeyCode::Backspace, alt)),
        ("\x1b[A", plain_key(KeyCode::Up)),
        ("\x1bOB", plain_key(KeyCode::Down)),
        ("\x1b[1;5C", key(KeyCode::Right, ctrl)),
        ("\x1b[H", plain_key(KeyCode::Home)),
        ("\x1bOP", plain_key(KeyCode::F(1))),
        ("\x1b[[E", plain_key(KeyCode::F(5))),
        ("\x1b[15~", plain_key(KeyCode::F(5))),
        ("\x1b[24~", plain_key(KeyCode::F(12))),
        ("\x1b[3;2~", key(KeyCode::Delete, shift)),
        ("\x1b[6~", plain_key(KeyCode::PageDown)),
        ("\x1b[Z", key(KeyCode::BackTab, shift)),
        ("\x1b[97;5u", key(KeyCode::Char('a'), ctrl)),
        ("\x1b[27;5;97~", key(KeyCode::Char('a'), ctrl)),
        ("\x1b[27;2;63~", plain_key(KeyCode::Char('?'))),
        ("\x1b[27;2;71~", key(KeyCode::Char('G'), shift)),
        ("\x1b[27;5;13~", key(KeyCode::Enter, ctrl)),
        ("\x1b[9;2u", key(KeyCode::BackTab, shift)),
        ("\x1b[I", Event::FocusGained),
        ("\x1b[O", Event::FocusLost),
    ] {
        assert_eq!(all(bytes.as_bytes()), [wanted], "{bytes:?}");
    }
    assert_eq!(all("日q".as_bytes()), typed("日q"));
    assert_eq!(all(b"\x1b\x1b[A"), [plain_key(KeyCode::Esc), plain_key(KeyCode::Up)]);
}

#[test]
fn mouse_reports_are_buttons_drags_and_the_wheel() {
    let report = |bytes: &str| match all(bytes.as_bytes()).as_slice() {
        [Event::Mouse(m)] => (m.kind, m.column, m.row),
        other => panic!("{bytes:?}: {other:?}"),
    };
    assert_eq!(report("\x1b[<0;1;1M"), (MouseEventKind::Down(MouseButton::Left), 0, 0));
    assert_eq!(report("\x1b[<0;300;100m"), (MouseEventKind::Up(MouseButton::Left), 299, 99));
    assert_eq!(report("\x1b[<34;5;6M"), (MouseEventKind::Drag(MouseButton::Right), 4, 5));
    assert_eq!(report("\x1b[<65;5;6M"), (MouseEventKind::ScrollDown, 4, 5));
    assert_eq!(report("\x1b[<35;5;6M").0, MouseEventKind::Moved);
    assert_eq!(report("\x1b[<0;0;0M").1, 0);
    for none in ["\x1b[<0;1M", "\x1b[<0;99999;1M", "\x1b[<200;1;1x", "\x1b[Mabc", "\x1b[<;;M"] {
        let events = all(none.as_bytes());
        assert!(events.is_empty() || none.contains(";;"), "{none:?}: {events:?}");
    }
}

#[test]
fn what_nobody_asked_for_is_no_key() {
    for answer in ["\x1b[?62;22c", "\x1b[12;40R", "\x1b]11;rgb:0000/0000/0000\x07", "\x1bP1$r0m\x1b\\", "\x1b[201~"] {
        assert_eq!(all(format!("{answer}q").as_bytes()), typed("q"), "{answer:?}");
    }
    assert_eq!(all(b"\xff\xfe\xc3q"), typed("q"));
    assert_eq!(all(b"\x1b[99999999999999;1u"), []);
    // Keys without a character, as kitty numbers them: Caps Lock, the keypad's Enter.
    assert_eq!(all(b"\x1b[57358u\x1b[57414;5u\x1b[27;5~\x1b[27;1;57358~q"), typed("q"));
}

#[test]
fn a_sequence_without_its_end_takes_no_other_key_with_it() {
    for cut in ["\x1b[<", "\x1b[<0;12", "\x1b[1;", "\x1bP1$", "\x1b]2;x"] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.eat(cut.as_bytes()), [], "{cut:?}");
        assert!(decoder.patience().is_some());
        // The next sequence ends it, or a while in which nothing comes.
        let mut other = Decoder::default();
        other.eat(cut.as_bytes());
        assert_eq!(other.eat(b"\x1b[A"), [plain_key(KeyCode::Up)], "{cut:?}");
        assert_eq!(decoder.give_up(), [], "{cut:?}");
        assert_eq!(decoder.eat(b"q"), typed("q"), "{cut:?}");
    }
}

#[test]
fn a_paste_is_one_piece_and_never_keys() {
    assert_eq!(all(b"\x1b[200~a\x1b[31mq\n\x1b[201~j"), [Event::Paste("a\x1b[31mq\n".into()), typed("j").remove(0)]);
    // Its end got lost: what came of it is there, and keys are keys again.
    let mut decoder = Decoder::default();
    assert_eq!(decoder.eat(b"\x1b[200~half of i"), []);
    assert_eq!(decoder.patience(), Some(PASTE));
    assert_eq!(decoder.give_up(), [Event::Paste("half of i".into())]);
    assert_eq!(decoder.eat(b"q"), typed("q"));
    // More than anybody pastes is cut.
    let mut decoder = Decoder::default();
    decoder.eat(b"\x1b[200~");
    for _ in 0..40 {
        assert_eq!(decoder.eat(&[b'x'; 4096]), []);
    }
    let [Event::Paste(text)] = &decoder.eat(PASTE_END)[..] else { panic!() };
    assert_eq!(text.len(), LONGEST_PASTE);
}

#[test]
fn a_key_after_a_second_of_silence_ends_a_paste_whose_end_got_lost() {
    let second = Duration::from_secs(1);
    let stalled = |silence: Duration, then: &[u8]| {
        let mut decoder = Decoder::default();
        assert!(decoder.eat(b"\x1b[200~half").is_empty());
        let mut events = decoder.take(then, silence);
        events.extend(decoder.take(b"", ESC));
        if decoder.patience() == Some(Duration::ZERO) {
            events.extend(decoder.give_up());
        }
        events
    };
    let half = || Event::Paste("half".into());
    assert_eq!(stalled(second, b"q"), [vec![half()], typed("q")].concat());
    assert_eq!(stalled(second, b"\x1b[A"), [half(), plain_key(KeyCode::Up)]);
    assert_eq!(stalled(second, b"\x1b"), [half(), plain_key(KeyCode::Esc)]);
    assert_eq!(stalled(second, "日".as_bytes()), [vec![half()], typed("日")].concat());
    // Sooner it is a piece of it, and so is what comes in one piece, however late.
    assert_eq!(stalled(second / 2, b"q"), []);
    assert_eq!(stalled(5 * second, b" of it"), []);
    assert_eq!(stalled(5 * second, b" of it\x1b[201~"), [Event::Paste("half of it".into())]);
    assert_eq!(stalled(5 * second, PASTE_END), [half()]);
    // Its end may have been cut.
    let mut decoder = Decoder::default();
    assert!(decoder.eat(b"\x1b[200~half").is_empty());
    assert_eq!(decoder.take(b"\x1b", 2 * second), [half()]);
    assert!(decoder.eat(b"[201~").is_empty());
    assert_eq!(decoder.eat(b"q"), typed("q"));
}

#[test]
fn somebody_who_types_does_not_prolong_a_paste_whose_end_got_lost() {
    let half = || Event::Paste("half".into());
    let begun = || {
        let mut decoder = Decoder::default();
        assert!(decoder.eat(b"\x1b[200~half").is_empty());
        decoder
    };
    // `^C` by itself leads out at once.
    let interrupt = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(begun().take(b"\x03", Duration::from_millis(20)), [half(), interrupt]);
    // Keys at a quick pace: ten seconds after the last piece it is over.
    let mut decoder = begun();
    let pace = Duration::from_millis(400);
    for n in 1..25 {
        assert_eq!(decoder.take(b"j", pace), [], "{n}");
        assert_eq!(decoder.patience(), Some(PASTE.saturating_sub(pace * n)));
    }
    let events = decoder.take(b"q", pace);
    assert_eq!((events.len(), events.last()), (2, typed("q").last()));
    assert_eq!(decoder.eat(b"q"), typed("q"));
    // More than a byte is a piece of it.
    let mut decoder = begun();
    decoder.take(b"j", pace);
    decoder.take(b" of it", pace);
    assert_eq!(decoder.patience(), Some(PASTE));
}

#[test]
fn a_string_that_is_too_long_is_no_typing_to_its_end() {
    let long = vec![b'A'; 3 * LONGEST];
    for begun in ["\x1b]52;c;", "\x1bP1$r", "\x1b_G"] {
        for end in [&b"\x07"[..], b"\x1b\\"] {
            for size in [1000, 4096, 9000] {
                let mut decoder = Decoder::default();
                let all = [begun.as_bytes(), &long, end, b"q"].concat();
                let events: Vec<Event> = all.chunks(size).flat_map(|piece| decoder.eat(piece)).collect();
                assert_eq!(events, typed("q"), "{begun:?} {end:?} {size}");
                assert_eq!(decoder.patience(), None);
            }
        }
        let begin = || {
            let mut decoder = Decoder::default();
            assert_eq!(decoder.eat(&[begun.as_bytes(), &long].concat()), []);
            assert_eq!(decoder.patience(), Some(SEQUENCE));
            decoder
        };
        // Its end is cut in two, or a key leads out, or its time is over.
        let mut decoder = begin();
        assert_eq!([decoder.eat(b"AA\x1b"), decoder.eat(b"\\q")].concat(), typed("q"));
        let interrupt = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(begin().eat(b"\x03"), [interrupt]);
        assert_eq!(begin().eat(b"\x1b[A"), [plain_key(KeyCode::Up)]);
        let mut decoder = begin();
        assert_eq!(decoder.take(b"q", SEQUENCE / 2), []);
        assert_eq!(decoder.patience(), Some(SEQUENCE / 2));
        assert_eq!(decoder.take(b"q", SEQUENCE), typed("q"));
        let mut decoder = begin();
        assert_eq!(decoder.give_up(), []);
        assert_eq!(decoder.eat(b"q"), typed("q"));
    }
}

#[test]
fn what_comes_late_of_a_paste_is_no_typing() {
    let stalled = || {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.eat(b"\x1b[200~hello"), []);
        decoder
    };
    // The link stalls, and the rest comes in pieces.
    let mut decoder = stalled();
    for (piece, pause) in [("2 q", 1_400), ("qq", 9_900), ("q", 900), (" q", 9_900)] {
        assert_eq!(decoder.take(piece.as_bytes(), Duration::from_millis(pause)), [], "{piece:?}");
        // What may have been typed does not prolong it.
        let typed = if piece.len() == 1 { Duration::from_millis(pause) } else { Duration::ZERO };
        assert_eq!(decoder.patience(), Some(PASTE.saturating_sub(typed)));
    }
    assert_eq!(decoder.eat(PASTE_END), [Event::Paste("hello2 qqqq q".into())]);
    // It stalls for longer than anybody waits: what is left of it is dropped to its end, and keys are keys after that.
    for pieces in [&["2 q", "q \x1b[2", "01~j"][..], &["2 q\x1b[201~j"], &["2 q", "q", "\x1b[201~", "j"]] {
        let mut decoder = stalled();
        assert_eq!(decoder.give_up(), [Event::Paste("hello".into())]);
        assert_eq!(decoder.patience(), None);
        let events: Vec<Event> = pieces.iter().flat_map(|piece| decoder.eat(piece.as_bytes())).collect();
        assert_eq!(events, typed("j"), "{pieces:?}");
        assert_eq!(decoder.eat(b"qq"), typed("qq"), "{pieces:?}");
    }
    // Its end never comes: a second in which no more of it does is one. What is typed does not prolong that.
    let mut decoder = stalled();
    decoder.give_up();
    assert_eq!(decoder.eat(b"2 q"), []);
    assert_eq!(decoder.take(b"q", Duration::from_millis(600)), []);
    assert_eq!(decoder.patience(), Some(Duration::from_millis(400)));
    assert_eq!(decoder.give_up(), []);
    assert_eq!(decoder.eat(b"jj"), typed("jj"));
    // Keys and the mouse are none of it.
    let mut decoder = stalled();
    decoder.give_up();
    assert_eq!(decoder.eat(b"q"), typed("q"));
    assert_eq!(decoder.eat("é".as_bytes()), typed("é"));
    assert_eq!(decoder.eat(b"\x1b[A\x1b[A"), [plain_key(KeyCode::Up), plain_key(KeyCode::Up)]);
    assert_eq!(decoder.eat(b"\x1b[<65;5;6M").len(), 1);
    assert_eq!(decoder.eat(b"\x1b[200~new\x1b[201~jj"), [&[Event::Paste("new".into())], &typed("jj")[..]].concat());
}

#[test]
fn a_string_without_its_end_lets_keys_through() {
    let interrupt = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for begun in ["\x1bP1", "\x1b]5", "\x1b_G", "\x1b]2;half"] {
        // A control character ends it.
        let mut decoder = Decoder::default();
        assert_eq!(decoder.eat(begun.as_bytes()), []);
        assert_eq!(decoder.eat(b"\x03"), std::slice::from_ref(&interrupt), "{begun:?}");
        assert_eq!(decoder.eat(b"q"), typed("q"));
        // Its time is that of its first byte, however much is typed.
        let mut decoder = Decoder::default();
        decoder.eat(begun.as_bytes());
        let third = Duration::from_millis(200);
        assert_eq!([decoder.take(b"j", third), decoder.take(b"j", third)].concat(), []);
        assert_eq!(decoder.patience(), Some(Duration::from_millis(100)));
        assert_eq!(decoder.take(b"q", third), typed("q"), "{begun:?}");
    }
    // Nothing but its two first bytes, and then a single one: somebody typed that.
    for (begun, of) in [("\x1bP", 'P'), ("\x1bX", 'X'), ("\x1b]", ']'), ("\x1b_", '_'), ("\x1b^", '^')] {
        let alt = character(of, KeyModifiers::ALT);
        let mut decoder = Decoder::default();
        assert_eq!(decoder.eat(begun.as_bytes()), []);
        assert_eq!(decoder.take(b"q", Duration::from_millis(120)), [alt, typed("q").remove(0)]);
        assert_eq!(decoder.patience(), None);
        // What is cut there comes at once, or in more than one byte.
        let mut decoder = Decoder::default();
        decoder.eat(begun.as_bytes());
        assert_eq!(decoder.take(b"1", Duration::from_millis(5)), []);
        assert_eq!(decoder.take(b"0;q\x07q", Duration::from_millis(300)), typed("q"));
    }
    // Time in which nothing is unfinished counts for nothing.
    let mut decoder = Decoder::default();
    assert_eq!(decoder.take(b"\x1b[<0;1", Duration::from_secs(9)), []);
    assert_eq!(decoder.patience(), Some(SEQUENCE));
    assert_eq!(decoder.eat(b";1M").len(), 1);
}

proptest! {
    /// Whatever comes, in whatever pieces: no panic, nothing kept for ever, and the same as in one piece; but for `^C`, which
    /// ends a paste where it comes alone.
    #[test]
    fn any_bytes_in_any_pieces(
        parts in proptest::collection::vec(prop_oneof![
            proptest::collection::vec(any::<u8>().prop_map(|b| if b == 3 { 4 } else { b }), 0..6),
            Just(b"\x1b[<0;1;1M".to_vec()), Just(b"\x1b[200~".to_vec()), Just(PASTE_END.to_vec()),
            Just(b"\x1b[".to_vec()), Just(b"\x1b".to_vec()), Just("日".as_bytes().to_vec()),
        ], 0..20),
        cut in 1usize..7,
    ) {
        let bytes: Vec<u8> = parts.concat();
        let whole = all(&bytes);
        let mut decoder = Decoder::default();
        let mut events: Vec<Event> = bytes.chunks(cut).flat_map(|piece| decoder.eat(piece)).collect();
        events.extend(decoder.give_up());
        prop_assert_eq!(events, whole);
        prop_assert!(decoder.patience().is_none());
        prop_assert_eq!(decoder.eat(b"q"), typed("q"));
    }
}
