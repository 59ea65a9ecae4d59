//! Decoded columns, and their values as JSON. A value that is absent leaves no key behind.

use jiff::Timestamp;
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, ListArray, MapArray, PrimitiveArray, StructArray, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

pub(super) use crate::import::columns::Names;
use crate::import::columns::structured;

/// A column with the key of its values.
pub(super) struct Column {
    key: Vec<u8>,
    is_whole: bool,
    write: Write,
}

/// Writes the value of a row; false where there is none, and then nothing is written.
type Write = Box<dyn Fn(usize, &mut Vec<u8>) -> bool + Send>;

impl Column {
    /// The column `name` with its values.
    pub(super) fn of(name: &str, values: &dyn Array, names: Names) -> Self {
        let restored = names.restored(name);
        let mut key = Vec::new();
        quoted(restored.as_bytes(), &mut key);
        key.push(b':');
        let write = if names.holds_json(restored) { json_text(values, names) } else { writer(values, names) };
        Self { key, is_whole: names.holds_record(restored), write }
    }

    /// Writes key and value of a row behind the keys before it. A column that holds whole records takes the place of them.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        let before = out.len();
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        let keyed = out.len();
        out.extend_from_slice(&self.key);
        let value = out.len();
        if !(self.write)(row, out) {
            out.truncate(before);
        } else if self.is_whole
            && let Some(inner) =
                out.get(value..).and_then(|text| text.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}"))
        {
            let inner = inner.to_vec();
            out.truncate(if inner.trim_ascii().is_empty() { before } else { keyed });
            out.extend_from_slice(inner.trim_ascii());
        }
    }
}

fn writer(values: &dyn Array, names: Names) -> Write {
    match values.dtype() {
        ArrowDataType::Utf8View | ArrowDataType::BinaryView => text(values),
        ArrowDataType::Boolean => boolean(values),
        ArrowDataType::Int8 => number::<i8>(values, signed),
        ArrowDataType::Int16 => number::<i16>(values, signed),
        ArrowDataType::Int32 => number::<i32>(values, signed),
        ArrowDataType::Int64 => number::<i64>(values, signed),
        ArrowDataType::UInt8 => number::<u8>(values, signed),
        ArrowDataType::UInt16 => number::<u16>(values, signed),
        ArrowDataType::UInt32 => number::<u32>(values, signed),
        ArrowDataType::UInt64 => number::<u64>(values, signed),
        ArrowDataType::Float32 => number::<f32>(values, |value, out| real(f64::from(value), out)),
        ArrowDataType::Float64 => number::<f64>(values, real),
        ArrowDataType::Date32 => number::<i32>(values, |days, out| instant(i128::from(days) * 86_400, 1, out)),
        ArrowDataType::Timestamp(unit, _) => {
            let per_second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            number::<i64>(values, move |ticks, out| instant(i128::from(ticks), per_second, out))
        }
        ArrowDataType::Struct(_) => structure(values, names),
        ArrowDataType::LargeList(_) => list(values, names),
        ArrowDataType::Map(..) => map(values, names),
        // Told by `unread_in`.
        _ => absent(),
    }
}

/// Adds the columns whose values are not read, by their path and type: no log keeps what is read in decimals, times of
/// day, intervals and binary of a fixed length.
pub(super) fn unread_in(path: &str, of: &ArrowDataType, unread: &mut Vec<String>) {
    let name = match of {
        ArrowDataType::Struct(fields) => {
            return fields.iter().for_each(|field| unread_in(&format!("{path}.{}", field.name), &field.dtype, unread));
        }
        ArrowDataType::LargeList(element) => return unread_in(path, &element.dtype, unread),
        ArrowDataType::Map(entries, _) => return unread_in(path, &entries.dtype, unread),
        ArrowDataType::Utf8View
        | ArrowDataType::BinaryView
        | ArrowDataType::Boolean
        | ArrowDataType::Int8
        | ArrowDataType::Int16
        | ArrowDataType::Int32
        | ArrowDataType::Int64
        | ArrowDataType::UInt8
        | ArrowDataType::UInt16
        | ArrowDataType::UInt32
        | ArrowDataType::UInt64
        | ArrowDataType::Float32
        | ArrowDataType::Float64
        | ArrowDataType::Date32
        | ArrowDataType::Timestamp(..)
        // Without a value in any row.
        | ArrowDataType::Null => return,
        ArrowDataType::Decimal(..) | ArrowDataType::Decimal256(..) => "decimal",
        ArrowDataType::Time32(_) | ArrowDataType::Time64(_) => "time of day",
        ArrowDataType::Interval(_) | ArrowDataType::Duration(_) => "interval",
        ArrowDataType::FixedSizeBinary(_) => "fixed binary",
        _ => "other",
    };
    unread.push(format!("{path} ({name})"));
}

fn absent() -> Write {
    Box::new(|_, _| false)
}

/// The array as what its type says it is.
fn cast<A: Clone + 'static>(values: &dyn Array) -> Option<A> {
    values.as_any().downcast_ref::<A>().cloned()
}

/// Text, also such as no writer marked as text. Bytes that are none pass through: the reader of records counts them.
fn text(values: &dyn Array) -> Write {
    match bytes(values) {
        Some(values) => Box::new(move |row, out| values.get(row).map(|text| quoted(text, out)).is_some()),
        None => absent(),
    }
}

/// Text that may hold JSON, which then stands as such.
fn json_text(values: &dyn Array, names: Names) -> Write {
    let Some(texts) = bytes(values) else { return writer(values, names) };
    Box::new(move |row, out| {
        let Some(text) = texts.get(row) else { return false };
        match std::str::from_utf8(text).ok().and_then(structured) {
            Some(json) => out.extend_from_slice(json.as_bytes()),
            None if text.trim_ascii() == b"null" => return false,
            None => quoted(text, out),
        }
        true
    })
}

fn bytes(values: &dyn Array) -> Option<BinaryViewArray> {
    cast::<Utf8ViewArray>(values).map(|texts| texts.to_binview()).or_else(|| cast(values))
}

fn boolean(values: &dyn Array) -> Write {
    let Some(values) = cast::<BooleanArray>(values) else { return absent() };
    Box::new(move |row, out| {
        let Some(value) = values.get(row) else { return false };
        out.extend_from_slice(if value { b"true" } else { b"false" });
        true
    })
}

fn number<T: NativeType>(values: &dyn Array, write: impl Fn(T, &mut Vec<u8>) -> bool + Send + 'static) -> Write {
    let Some(values) = cast::<PrimitiveArray<T>>(values) else { return absent() };
    Box::new(move |row, out| !values.is_null(row) && write(values.value(row), out))
}

fn signed(value: impl Into<i128>, out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(value.into().to_string().as_bytes());
    true
}

fn real(value: f64, out: &mut Vec<u8>) -> bool {
    let Some(number) = serde_json::Number::from_f64(value) else { return false };
    out.extend_from_slice(number.to_string().as_bytes());
    true
}

/// An instant in UTC, also where the file does not say that it is UTC: logs are written in it.
fn instant(ticks: i128, per_second: i128, out: &mut Vec<u8>) -> bool {
    let nanoseconds = ticks * (1_000_000_000 / per_second);
    let Ok(time) = Timestamp::from_nanosecond(nanoseconds) else { return false };
    quoted(time.to_string().as_bytes(), out);
    true
}

fn structure(values: &dyn Array, names: Names) -> Write {
    let Some(values) = cast::<StructArray>(values) else { return absent() };
    let columns: Vec<Column> = values
        .fields()
        .iter()
        .zip(values.values())
        .map(|(field, values)| Column::of(field.name.as_str(), values.as_ref(), names))
        .collect();
    Box::new(move |row, out| {
        if values.is_null(row) {
            return false;
        }
        out.push(b'{');
        for column in &columns {
            column.write(row, out);
        }
        out.push(b'}');
        true
    })
}

fn list(values: &dyn Array, names: Names) -> Write {
    let Some(values) = cast::<ListArray<i64>>(values) else { return absent() };
    if let Some(write) = entries(values.values().as_ref(), names) {
        return Box::new(move |row, out| {
            let (start, end) = values.offsets().start_end(row);
            !values.is_null(row) && object(start..end, &write, out)
        });
    }
    let write = writer(values.values().as_ref(), names);
    Box::new(move |row, out| {
        if values.is_null(row) {
            return false;
        }
        out.push(b'[');
        let (start, end) = values.offsets().start_end(row);
        for at in start..end {
            if at > start {
                out.push(b',');
            }
            if !write(at, out) {
                out.extend_from_slice(b"null");
            }
        }
        out.push(b']');
        true
    })
}

fn map(values: &dyn Array, names: Names) -> Write {
    let Some(values) = cast::<MapArray>(values) else { return absent() };
    let Some(write) = entries(values.field().as_ref(), names) else { return absent() };
    Box::new(move |row, out| {
        let (start, end) = values.offsets().start_end(row);
        !values.is_null(row) && object(start..end, &write, out)
    })
}

/// Writers of key and value, where the elements are entries of a map: most readers make a list of pairs of it.
fn entries(values: &dyn Array, names: Names) -> Option<(Write, Write)> {
    let pairs = cast::<StructArray>(values)?;
    let [key, value] = pairs.fields() else { return None };
    let [keys, values] = pairs.values() else { return None };
    (key.name.as_str() == "key" && value.name.as_str() == "value")
        .then(|| bytes(keys.as_ref()))
        .flatten()
        .map(|_| (text(keys.as_ref()), writer(values.as_ref(), names)))
}

fn object(range: std::ops::Range<usize>, (key, value): &(Write, Write), out: &mut Vec<u8>) -> bool {
    out.push(b'{');
    for at in range {
        let before = out.len();
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        let written = key(at, out) && {
            out.push(b':');
            value(at, out)
        };
        if !written {
            out.truncate(before);
        }
    }
    out.push(b'}');
    true
}

/// Bytes as a JSON string.
fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.iter().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        out.extend_from_slice(text.get(from..at).unwrap_or_default());
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        from = at + 1;
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    out.push(b'"');
}
