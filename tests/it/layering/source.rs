//! Just enough of Rust's grammar to see which paths a source file names.
//!
//! Comments, literals and items under `#[cfg(test)]` are left out: they may name what they like.

/// An identifier or one character of punctuation, and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// A path as it is written, from its first segment on: `crate::model::Text`. One entry for each leaf of a `use` tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

/// The tokens of `source`, without comments and literals.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let start = i;
        let c = at(i);
        if c.is_whitespace() {
            i += 1;
        } else if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            i = block_comment_end(&chars, i);
        } else if c == '"' {
            i = string_end(&chars, i);
        } else if let Some(end) = prefixed_literal_end(&chars, i) {
            i = end;
        } else if c == '\'' {
            i = quote_end(&chars, i);
        } else if c.is_alphanumeric() || c == '_' {
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            tokens.push(Token { text: chars[start..i].iter().collect(), line });
        } else {
            tokens.push(Token { text: c.to_string(), line });
            i += 1;
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn block_comment_end(chars: &[char], mut i: usize) -> usize {
    let mut depth = 0;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    i += 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The end of `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"` or `b'…'` that begins at `i`, if one does.
fn prefixed_literal_end(chars: &[char], i: usize) -> Option<usize> {
    let prefix = chars[i..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    if prefix == 0 || prefix > 2 {
        return None;
    }
    let raw = chars[i..i + prefix].contains(&'r');
    let hashes = chars[i + prefix..].iter().take_while(|c| **c == '#').count();
    match chars.get(i + prefix + hashes)? {
        '"' if raw => {
            let mut end = i + prefix + hashes + 1;
            while end < chars.len() {
                end += 1;
                if chars[end - 1] == '"' && chars[end..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
                    break;
                }
            }
            Some(end + hashes)
        }
        '"' if hashes == 0 => Some(string_end(chars, i + prefix)),
        '\'' if chars[i] == 'b' && prefix == 1 && hashes == 0 => Some(quote_end(chars, i + 1)),
        _ => None,
    }
}

/// The end of a character literal, or of the `'` of a lifetime.
fn quote_end(chars: &[char], i: usize) -> usize {
    if chars.get(i + 1) == Some(&'\\') {
        return chars[i + 3..].iter().position(|c| *c == '\'').map_or(chars.len(), |n| i + 4 + n);
    }
    if chars.get(i + 2) == Some(&'\'') { i + 3 } else { i + 1 }
}

/// `tokens` without the items under `#[cfg(test)]`, and the names of modules that are files of tests.
pub(super) fn without_tests(tokens: &[Token]) -> (Vec<Token>, Vec<String>) {
    let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
    let mut kept = Vec::new();
    let mut test_files = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if (0..7).map(|n| text(i + n)).eq(["#", "[", "cfg", "(", "test", ")", "]"]) {
            i += 7;
            if text(i) == "mod" && text(i + 2) == ";" {
                test_files.push(text(i + 1).to_owned());
            }
            i = item_end(tokens, i);
        } else {
            kept.push(tokens[i].clone());
            i += 1;
        }
    }
    (kept, test_files)
}

/// The end of the item at `i`: its `;`, or the `}` of its first block.
fn item_end(tokens: &[Token], mut i: usize) -> usize {
    let mut depth = 0;
    while i < tokens.len() {
        match tokens[i].text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 => return i + 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return i + 1,
            _ => {}
        }
        i += 1;
    }
    i
}

/// Every path that `tokens` name, `use` trees spelled out.
pub(super) fn paths(tokens: &[Token]) -> Vec<Path> {
    let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
    let separator = |i: usize| text(i) == ":" && text(i + 1) == ":";
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let leads = is_word(text(i)) && !(i >= 2 && separator(i - 2) && i >= 3 && is_word(text(i - 3)));
        if leads && separator(i + 1) {
            i = tree(tokens, i, &[], &mut found);
        } else {
            if leads && i >= 1 && text(i - 1) == "use" {
                found.push(Path { segments: vec![text(i).to_owned()], line: tokens[i].line });
            }
            i += 1;
        }
    }
    found
}

/// Reads the path or `use` tree at `i`, below `prefix`; returns where it ends.
fn tree(tokens: &[Token], mut i: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
    let mut segments = prefix.to_vec();
    let line = tokens.get(i).map_or(0, |t| t.line);
    loop {
        if text(i) == "{" {
            i += 1;
            while i < tokens.len() && text(i) != "}" {
                let next = tree(tokens, i, &segments, found);
                i = if text(next) == "," || next == i { next + 1 } else { next };
            }
            return i + 1;
        }
        if is_word(text(i)) || text(i) == "*" {
            segments.push(text(i).to_owned());
            i += 1;
        }
        if text(i) == ":" && text(i + 1) == ":" && (is_word(text(i + 2)) || matches!(text(i + 2), "{" | "*")) {
            i += 2;
        } else {
            break;
        }
    }
    found.push(Path { segments, line });
    if text(i) == "as" { i + 2 } else { i }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
