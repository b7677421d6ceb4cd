//! The pictures of `screenshots/` are what the program draws. When it draws otherwise, they are made anew by
//! `AWSWATCH_PICTURES=draw cargo test --locked --test it pictures`.

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use awswatch::app::pictures;
use awswatch::ui::{Look, picture_base, picture_colour};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

const WIDTH: usize = 9;
const HEIGHT: usize = 19;
/// Where an underline is.
const UNDER: usize = 16;
/// Characters in a row of the sheet of glyphs.
const COLUMNS: usize = 64;
const ANEW: &str = "AWSWATCH_PICTURES=draw cargo test --locked --test it pictures";

type Rgb = [u8; 3];

#[test]
fn the_pictures_are_what_the_program_draws() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let draw = std::env::var_os("AWSWATCH_PICTURES").is_some_and(|v| v == "draw");
    let glyphs = Glyphs::read();
    let mut wanted = Vec::new();
    let mut stale = Vec::new();
    pictures(|picture| {
        let file = format!("{}.svg", picture.name);
        if draw {
            fs::write(dir.join(&file), &picture.svg)?;
        } else if fs::read_to_string(dir.join(&file)).ok().as_ref() != Some(&picture.svg) {
            stale.push(file.clone());
        }
        wanted.push(file);
        if let Some((screen, look)) = &picture.still {
            let file = format!("{}.png", picture.name);
            let image = paint(screen, look, &glyphs);
            if draw {
                fs::write(dir.join(&file), image.encoded())?;
            } else if fs::read(dir.join(&file)).ok().map(|bytes| Image::decoded(&bytes)).as_ref() != Some(&image) {
                stale.push(file.clone());
            }
            wanted.push(file);
        }
        Ok(())
    })
    .unwrap();
    assert!(stale.is_empty(), "{stale:?} in screenshots/ are not what the program draws any more: {ANEW}");
    let mut there: Vec<String> =
        fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    wanted.sort();
    assert_eq!(there, wanted, "what is in screenshots/, and what is drawn");
    let bytes: u64 = there.iter().map(|file| fs::metadata(dir.join(file)).unwrap().len()).sum();
    assert!(bytes < 3_000_000, "the pictures take {bytes} bytes: too much for a repository");
}

/// Pixels, row by row.
#[derive(PartialEq)]
struct Image {
    width: usize,
    pixels: Vec<Rgb>,
}

impl Image {
    fn fills(&mut self, x: usize, y: usize, (w, h): (usize, usize), colour: Rgb) {
        for row in y..y + h {
            self.pixels[row * self.width + x..][..w].fill(colour);
        }
    }

    /// As PNG: with a palette, for which terminals have few enough colours.
    fn encoded(&self) -> Vec<u8> {
        let mut palette: Vec<Rgb> = Vec::new();
        let mut known: HashMap<Rgb, usize> = HashMap::new();
        for pixel in &self.pixels {
            known.entry(*pixel).or_insert_with(|| {
                palette.push(*pixel);
                palette.len() - 1
            });
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(
            &mut bytes,
            u32::try_from(self.width).unwrap(),
            u32::try_from(self.pixels.len() / self.width).unwrap(),
        );
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let data = if palette.len() <= 256 {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.concat());
            encoder.set_filter(png::Filter::NoFilter);
            self.pixels.iter().map(|pixel| u8::try_from(known[pixel]).unwrap()).collect()
        } else {
            encoder.set_color(png::ColorType::Rgb);
            self.pixels.concat()
        };
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn decoded(bytes: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut data = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut data).unwrap();
        let pixels = match info.color_type {
            png::ColorType::Grayscale => data.iter().map(|v| [*v; 3]).collect(),
            _ => data.as_chunks::<3>().0.to_vec(),
        };
        Self { width: info.width as usize, pixels }
    }
}

/// How much of each pixel of its cell a character covers.
struct Glyphs {
    sheet: Image,
    at: HashMap<char, usize>,
    rows: usize,
}

impl Glyphs {
    fn read() -> Self {
        let at: HashMap<char, usize> = include_str!("glyphs.txt").chars().enumerate().map(|(i, c)| (c, i)).collect();
        Self { sheet: Image::decoded(include_bytes!("glyphs.png")), rows: at.len().div_ceil(COLUMNS), at }
    }

    /// Where the cell of `c` begins on the sheet.
    fn corner(&self, c: char, bold: bool) -> (usize, usize) {
        let at =
            self.at.get(&c).unwrap_or_else(|| panic!("no glyph for {c:?}: tests/it/pictures/glyphs.py makes them"));
        (at % COLUMNS * WIDTH, (at / COLUMNS + if bold { self.rows } else { 0 }) * HEIGHT)
    }
}

fn paint(screen: &Buffer, look: &Look, glyphs: &Glyphs) -> Image {
    let (columns, rows) = (usize::from(screen.area.width), usize::from(screen.area.height));
    let (ink, paper) = picture_base(look);
    let mut image = Image { width: columns * WIDTH, pixels: vec![rgb(&paper); columns * WIDTH * rows * HEIGHT] };
    for (at, cell) in screen.content().iter().enumerate() {
        let (x, y) = (at % columns * WIDTH, at / columns * HEIGHT);
        paint_cell(&mut image, (x, y), cell, (&ink, &paper), glyphs);
    }
    image
}

fn paint_cell(image: &mut Image, (x, y): (usize, usize), cell: &Cell, base: (&str, &str), glyphs: &Glyphs) {
    let has = |modifier| cell.modifier.contains(modifier);
    let (mut front, mut back) = (rgb(&picture_colour(cell.fg, base.0)), rgb(&picture_colour(cell.bg, base.1)));
    if has(Modifier::REVERSED) {
        std::mem::swap(&mut front, &mut back);
    }
    if has(Modifier::DIM) {
        front = mixed(front, back, 153);
    }
    image.fills(x, y, (WIDTH, HEIGHT), back);
    assert!(cell.symbol().width() <= 1, "{:?} is wide: pictures have no glyph for it", cell.symbol());
    if let Some(c) = cell.symbol().chars().next() {
        let (left, top) = glyphs.corner(c, has(Modifier::BOLD));
        for row in 0..HEIGHT {
            for column in 0..WIDTH {
                let covered = glyphs.sheet.pixels[(top + row) * glyphs.sheet.width + left + column][0];
                image.pixels[(y + row) * image.width + x + column] = mixed(front, back, covered);
            }
        }
    }
    if has(Modifier::UNDERLINED) {
        image.fills(x, y + UNDER, (WIDTH, 1), front);
    }
}

/// `front` over `back`, as much of it as `covered` of 255.
fn mixed(front: Rgb, back: Rgb, covered: u8) -> Rgb {
    let covered = u32::from(covered);
    std::array::from_fn(|i| {
        let sum = u32::from(front[i]) * covered + u32::from(back[i]) * (255 - covered);
        u8::try_from((sum + 127) / 255).unwrap()
    })
}

fn rgb(colour: &str) -> Rgb {
    let digits = u32::from_str_radix(colour.trim_start_matches('#'), 16).unwrap();
    let [_, rgb @ ..] = digits.to_be_bytes();
    rgb
}
