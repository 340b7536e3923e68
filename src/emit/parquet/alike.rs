//! Columns that two files have alike: a column of a record itself stands in the nested file and in the
//! flat one, with the same values and the same levels. Whichever file comes to a batch first encodes
//! them for both.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::arrow::arrow_writer::ArrowColumnChunk;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// The columns of a batch that are in both files, once they are encoded.
#[derive(Default)]
pub struct Alike {
    chunks: Mutex<Option<Vec<Chunk>>>,
}

impl Alike {
    /// What `encode` makes, or what it made for the other file. Who comes while it is being made
    /// waits for it.
    pub fn chunks(
        &self,
        encode: impl FnOnce() -> Result<Vec<Chunk>, ParquetError>,
    ) -> Result<Vec<Chunk>, ParquetError> {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chunks) = &*chunks {
            return Ok(chunks.clone());
        }
        Ok(chunks.insert(encode()?).clone())
    }
}

/// An encoded column that more than one file can take.
#[derive(Clone)]
pub struct Chunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Chunk {
    /// What the Parquet crate has encoded can be written once, and to a file only: so it is written to
    /// one in memory that has no other column.
    pub fn new(chunk: ArrowColumnChunk) -> Result<Self, ParquetError> {
        let close = chunk.close().clone();
        let column = close.metadata.column_descr().self_type_ptr();
        let schema = Type::group_type_builder("column").with_fields(vec![column]).build()?;
        let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default())?;
        let mut row_group = file.next_row_group()?;
        chunk.append_to_row_group(&mut row_group)?;
        let row_group = row_group.close()?;
        let written = row_group.column(0);
        let (start, length) = written.byte_range();
        let dictionary_length = written.data_page_offset() as usize - start as usize;
        let bytes = Bytes::from(file.into_inner()?);
        Ok(Self {
            bytes: bytes.slice(start as usize..(start + length) as usize),
            close: close.update_dictionary_location(dictionary_length)?,
        })
    }

    /// Adds the column to a file.
    pub fn append_to_row_group<W: std::io::Write + Send>(
        self,
        row_group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        row_group.append_column(&self.bytes, self.close)
    }
}
