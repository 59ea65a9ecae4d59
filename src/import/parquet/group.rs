//! One file, and the columns of one group of its rows.

use std::collections::BTreeSet;
use std::io::Cursor;

use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::Field;
use polars_buffer::Buffer;
use polars_parquet::parquet::read::deserialize_metadata;
use polars_parquet::read::schema::parquet_to_arrow_schema;
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, FileMetadata, PageReader, RowGroupMetadata, column_iter_to_arrays,
    n_columns,
};

use super::claims::{self, MAX_GROUP_BYTES, Refusal};
use super::values::{Column, Names, unread_in};

const DAMAGED: Refusal = Refusal::Damaged("the columns of the Parquet file are damaged");

/// A file with its table of contents.
pub(super) struct Table {
    file: Buffer<u8>,
    contents: FileMetadata,
    fields: Vec<Field>,
    names: Names,
}

impl Table {
    /// Reads the table of contents of `file`.
    pub(super) fn of(file: Vec<u8>) -> Result<Self, Refusal> {
        let footer = Buffer::from_vec(claims::footer(&file)?.to_vec());
        let contents = deserialize_metadata(footer).map_err(|_| DAMAGED)?;
        // The schema that a writer may have left beside is not asked: it can differ from what the pages hold.
        let schema = parquet_to_arrow_schema(contents.schema().fields());
        let fields: Vec<Field> = schema.iter_values().cloned().collect();
        let unique: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        if unique.is_empty() || unique.len() != contents.schema().fields().len() {
            return Err(DAMAGED);
        }
        let names = Names::of(&unique);
        Ok(Self { file: Buffer::from_vec(file), contents, fields, names })
    }

    /// The columns whose values are not read, with their types.
    pub(super) fn unread(&self) -> Vec<String> {
        let mut unread = Vec::new();
        self.fields.iter().for_each(|field| unread_in(field.name.as_str(), &field.dtype, &mut unread));
        unread
    }

    /// How many groups of rows there are.
    pub(super) fn groups(&self) -> usize {
        self.contents.row_groups.len()
    }

    /// Decodes a group of rows. `spent` is what the groups before took: the same pages may stand in many groups.
    pub(super) fn group(&self, number: usize, spent: &mut u64, factor: u64) -> Result<Group, Refusal> {
        let group = self.contents.row_groups.get(number).ok_or(DAMAGED)?;
        let mut bytes = 0_u64;
        for chunk in group.parquet_columns() {
            bytes = bytes.saturating_add(claims::pages(&self.bytes_of(chunk)?, chunk.num_values())?);
        }
        if bytes > MAX_GROUP_BYTES {
            return Err(Refusal::TooLarge("a group of rows of the Parquet file takes more than 1 GiB when decoded"));
        }
        *spent = spent.saturating_add(bytes);
        if *spent > (self.file.len() as u64).saturating_mul(factor).saturating_add(MAX_GROUP_BYTES) {
            return Err(Refusal::TooLarge("the Parquet file expands out of all proportion"));
        }
        let columns = self.fields.iter().map(|field| self.column(group, field)).collect::<Result<_, _>>()?;
        Ok(Group { rows: group.num_rows(), columns })
    }

    fn column(&self, group: &RowGroupMetadata, field: &Field) -> Result<Column, Refusal> {
        let chunks: Vec<&ColumnChunkMetadata> =
            group.columns_under_root_iter(field.name.as_str()).ok_or(DAMAGED)?.collect();
        if chunks.len() != n_columns(&field.dtype) {
            return Err(DAMAGED);
        }
        let (mut pages, mut types) = (Vec::new(), Vec::new());
        for chunk in chunks {
            let limit = usize::try_from(MAX_GROUP_BYTES).map_err(|_| DAMAGED)?;
            let reader = PageReader::new(Cursor::new(self.bytes_of(chunk)?), chunk, Vec::new(), limit);
            pages.push(BasicDecompressor::new(reader, Vec::new()));
            types.push(&chunk.descriptor().descriptor.primitive_type);
        }
        let (arrays, _) = column_iter_to_arrays(pages, types, field.clone(), None).map_err(|_| DAMAGED)?;
        let parts: Vec<_> = arrays.iter().map(AsRef::as_ref).collect();
        let whole = concatenate(&parts).map_err(|_| DAMAGED)?;
        if whole.len() != group.num_rows() {
            return Err(DAMAGED);
        }
        Ok(Column::of(field.name.as_str(), whole.as_ref(), self.names))
    }

    /// The pages of a column, as they lie in the file.
    fn bytes_of(&self, chunk: &ColumnChunkMetadata) -> Result<Buffer<u8>, Refusal> {
        let range = chunk.byte_range();
        let start = usize::try_from(range.start).map_err(|_| DAMAGED)?;
        let end = usize::try_from(range.end).map_err(|_| DAMAGED)?;
        if end > self.file.len() {
            return Err(DAMAGED);
        }
        Ok(self.file.clone().sliced(start..end))
    }
}

/// The decoded columns of a group of rows.
pub(super) struct Group {
    rows: usize,
    columns: Vec<Column>,
}

impl Group {
    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Writes a row as one line. Of a row that has passed `limit` the rest is left out: nobody reads so large a record.
    pub(super) fn write(&self, row: usize, limit: usize, out: &mut Vec<u8>) {
        let start = out.len();
        out.push(b'{');
        for column in &self.columns {
            if out.len() - start > limit {
                break;
            }
            column.write(row, out);
        }
        out.extend_from_slice(b"}\n");
    }
}
