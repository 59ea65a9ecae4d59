//! What a Parquet file claims of itself, held against limits before a decoder allocates for it.

use super::compact::Compact;

/// The largest footer, in bytes.
const MAX_FOOTER: usize = 16 << 20;
/// The most columns, those inside of structures counted.
const MAX_COLUMNS: usize = 4096;
/// The most parts into which the rows are grouped.
const MAX_GROUPS: usize = 65_536;
/// The deepest nesting of columns.
const MAX_NESTING: usize = 32;
/// The most bytes that the columns of one group of rows may take in memory.
pub(super) const MAX_GROUP_BYTES: u64 = 1 << 30;
/// What one value takes beside its text.
const VALUE_BYTES: u64 = 16;
/// What stands at the beginning and at the end of a file.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// Why a file is not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not as the format demands.
    Damaged(&'static str),
    /// It passes a limit.
    TooLarge(&'static str),
}

/// The footer of a file, whose lists and nesting are bounded.
pub(super) fn footer(file: &[u8]) -> Result<&[u8], Refusal> {
    let body = file.strip_suffix(MAGIC).filter(|body| body.len() > MAGIC.len() + 4);
    let body = body.ok_or(Refusal::Damaged("the Parquet file has no footer: it is cut"))?;
    let (body, length) = body.split_last_chunk::<4>().ok_or(NOT_A_FOOTER)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| NOT_A_FOOTER)?;
    if length > MAX_FOOTER {
        return Err(Refusal::TooLarge("the footer of the Parquet file has more than 16 MiB"));
    }
    let start = body.len().checked_sub(length).ok_or(NOT_A_FOOTER)?;
    let footer = body.get(start..).ok_or(NOT_A_FOOTER)?;
    let (mut shape, mut groups) = (Shape::default(), 0);
    Compact::new(footer)
        .fields(|reader, field| match field.id {
            2 => reader.structures(field, |element| shape.element(element)),
            4 => reader.structures(field, |group| {
                groups += 1;
                group.fields(Compact::skip)
            }),
            _ => reader.skip(field),
        })
        .ok_or(NOT_A_FOOTER)?;
    if shape.too_deep || shape.columns > MAX_COLUMNS || groups > MAX_GROUPS {
        return Err(Refusal::TooLarge("the Parquet file has too many columns, groups of rows, or levels of nesting"));
    }
    Ok(footer)
}

const NOT_A_FOOTER: Refusal = Refusal::Damaged("the footer of the Parquet file is damaged");

/// The tree of columns, which a footer tells in the order of a walk.
#[derive(Default)]
struct Shape {
    /// How many children are still to come at each level.
    open: Vec<i64>,
    columns: usize,
    too_deep: bool,
}

impl Shape {
    fn element(&mut self, element: &mut Compact<'_>) -> Option<()> {
        let mut children = 0;
        element.fields(|reader, field| match field.id {
            5 => {
                children = reader.number(field)?;
                Some(())
            }
            _ => reader.skip(field),
        })?;
        while self.open.pop_if(|left| *left <= 0).is_some() {}
        if let Some(left) = self.open.last_mut() {
            *left -= 1;
        }
        if children > 0 && self.open.len() < MAX_NESTING {
            self.open.push(children);
        } else if children > 0 {
            self.too_deep = true;
        }
        self.columns += 1;
        Some(())
    }
}

/// What the pages of one column of a group take in memory when they are decoded, by what their headers claim.
pub(super) fn pages(chunk: &[u8], values: i64) -> Result<u64, Refusal> {
    let damaged = Refusal::Damaged("a page of the Parquet file is damaged");
    let values = u64::try_from(values).map_err(|_| damaged)?;
    let (mut rest, mut seen, mut bytes) = (chunk, 0_u64, values.saturating_mul(VALUE_BYTES));
    while seen < values {
        let page = Page::read(&mut rest).ok_or(damaged)?;
        seen = seen.saturating_add(page.values);
        let more = page.dictionary.saturating_add(page.values).saturating_mul(VALUE_BYTES);
        bytes = bytes.saturating_add(page.decoded).saturating_add(more);
    }
    Ok(bytes)
}

/// What the header of a page claims.
#[derive(Default)]
struct Page {
    /// Bytes after decompression.
    decoded: u64,
    /// Rows and elements.
    values: u64,
    /// Words of a dictionary.
    dictionary: u64,
}

impl Page {
    fn read(rest: &mut &[u8]) -> Option<Self> {
        let (mut page, mut packed) = (Self::default(), 0_usize);
        let mut reader = Compact::new(rest);
        reader.fields(|reader, field| {
            match field.id {
                2 => page.decoded = u64::try_from(reader.number(field)?).ok()?,
                3 => packed = usize::try_from(reader.number(field)?).ok()?,
                5 | 8 => page.values = first_number(reader, field)?,
                7 => page.dictionary = first_number(reader, field)?,
                _ => reader.skip(field)?,
            }
            Some(())
        })?;
        *rest = reader.rest().get(packed..)?;
        Some(page)
    }
}

/// The first field of a structure: how many values a page has.
fn first_number(reader: &mut Compact<'_>, field: super::compact::Field) -> Option<u64> {
    let mut count = 0;
    reader.inside(field, |reader, field| match field.id {
        1 => {
            count = u64::try_from(reader.number(field)?).ok()?;
            Some(())
        }
        _ => reader.skip(field),
    })?;
    Some(count)
}
