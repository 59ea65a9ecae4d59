//! JSON that is safe to print: what a terminal or an editor could act on is written as `\uXXXX`, without loss.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};

use super::text::is_unsafe;

/// Writes `value` as indented JSON with a line break at the end.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut buffered = io::BufWriter::new(out);
    let mut serializer = Serializer::with_formatter(&mut buffered, Escaping(PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    buffered.write_all(b"\n")?;
    buffered.flush()
}

struct Escaping(PrettyFormatter<'static>);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut characters = from.chars();
            if let Some(character) = characters.next() {
                write_units(writer, character)?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// The character as UTF-16 units, each as `\uXXXX`.
fn write_units<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    let mut units = [0; 2];
    character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_are_escaped_and_read_back_unchanged() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}\u{e0041}\"ü\n";
        let mut out = Vec::new();
        write_json(&[text], &mut out).expect("writes to memory");
        let json = String::from_utf8(out).expect("JSON is UTF-8");
        assert!(!json.trim_end().chars().any(|character| is_unsafe(character) && character != '\n'), "{json}");
        assert!(json.contains("\\u009b\\u202e\\udb40\\udc41"), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).expect("is JSON"), [text]);
    }

    #[test]
    fn the_form_is_that_of_indented_json() {
        let mut out = Vec::new();
        let value = serde_json::json!({"a": [1, {"b": null}], "c": [], "d": {}});
        write_json(&value, &mut out).expect("writes to memory");
        let expected = serde_json::to_string_pretty(&value).expect("is JSON") + "\n";
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }
}
