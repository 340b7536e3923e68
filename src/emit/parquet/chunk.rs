//! A column of a batch as it stands in a file: the levels and values of its pages, compressed, and what
//! the file says of them.

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding, EncodingMask, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ColumnIndexBuilder, LevelHistogram, OffsetIndexBuilder, PageEncodingStats,
};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::bits;
use super::levels::Levels;
use super::statistics::{self, Bound};
use super::values::{self, Values};

/// An encoded column that more than one file can take.
#[derive(Clone)]
pub struct Chunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

/// What compresses pages.
pub struct Compressor {
    zstd: zstd::bulk::Compressor<'static>,
    compression: Compression,
}

impl Compressor {
    /// One with a level of zstd.
    pub fn new(level: parquet::basic::ZstdLevel) -> Result<Self, ParquetError> {
        let zstd = zstd::bulk::Compressor::new(level.compression_level()).map_err(outside)?;
        Ok(Self { zstd, compression: Compression::ZSTD(level) })
    }

    fn compress(&mut self, bytes: &[u8]) -> Result<Bytes, ParquetError> {
        self.zstd.compress(bytes).map(Bytes::from).map_err(outside)
    }
}

fn outside(error: std::io::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl Chunk {
    /// The values of a column behind its levels in a file.
    pub fn new(
        column: &ColumnDescPtr,
        values: &Values,
        levels: &Levels<'_>,
        compressor: &mut Compressor,
    ) -> Result<Self, ParquetError> {
        let mut writer = Writer {
            sink: TrackedWrite::new(Vec::with_capacity(values.bytes() / 4)),
            compressor,
            uncompressed: 0,
            stats: Vec::new(),
            column_index: ColumnIndexBuilder::new(column.physical_type()),
            offset_index: OffsetIndexBuilder::new(),
        };
        let dictionary = values.dictionary.as_ref();
        if let Some(dictionary) = dictionary {
            let page = Page::DictionaryPage {
                buf: writer.compressor.compress(&dictionary.bytes)?,
                num_values: dictionary.len() as u32,
                encoding: Encoding::PLAIN,
                is_sorted: true,
            };
            writer.page(page, dictionary.bytes.len())?;
        }
        let data_offset = writer.sink.bytes_written();
        let mut totals = Totals::new(levels);
        for page in &values.pages {
            writer.data_page(page, levels, &mut totals)?;
        }
        writer.column_index.set_boundary_order(boundary_order(&values.pages));

        let missing = totals.places - totals.values;
        let encodings = writer.stats.iter().map(|stats| stats.encoding).chain([Encoding::RLE]);
        let encodings: Vec<_> = encodings.collect();
        let compressed = writer.sink.bytes_written();
        let statistics = match bounds(&values.pages) {
            Some(bounds) => statistics::of_column(&bounds, missing as u64),
            None => without_values(column.physical_type(), missing as u64),
        };
        let metadata = ColumnChunkMetaData::builder(column.clone())
            .set_compression(writer.compressor.compression)
            .set_encodings_mask(EncodingMask::new_from_encodings(encodings.iter()))
            .set_page_encoding_stats(writer.stats)
            .set_total_compressed_size(compressed as i64)
            .set_total_uncompressed_size(writer.uncompressed as i64)
            .set_num_values(totals.places as i64)
            .set_data_page_offset(data_offset as i64)
            .set_dictionary_page_offset(dictionary.map(|_| 0))
            .set_statistics(statistics)
            .set_unencoded_byte_array_data_bytes(totals.text_bytes)
            .set_repetition_level_histogram(totals.repetition)
            .set_definition_level_histogram(totals.definition)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: compressed as u64,
            rows_written: totals.rows as u64,
            metadata,
            bloom_filter: None,
            column_index: Some(writer.column_index.build()?),
            offset_index: Some(writer.offset_index.build()),
        };
        Ok(Self { bytes: writer.sink.into_inner()?.into(), close })
    }

    /// Adds the column to a file.
    pub fn append_to_row_group<W: std::io::Write + Send>(
        self,
        row_group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        row_group.append_column(&self.bytes, self.close)
    }
}

/// A chunk under construction.
struct Writer<'a> {
    sink: TrackedWrite<Vec<u8>>,
    compressor: &'a mut Compressor,
    uncompressed: usize,
    stats: Vec<PageEncodingStats>,
    column_index: ColumnIndexBuilder,
    offset_index: OffsetIndexBuilder,
}

/// What a chunk has in all.
struct Totals {
    places: usize,
    values: usize,
    rows: usize,
    text_bytes: Option<i64>,
    repetition: Option<LevelHistogram>,
    definition: Option<LevelHistogram>,
}

impl Totals {
    fn new(levels: &Levels<'_>) -> Self {
        let histogram = |max: Option<u8>| max.and_then(|max| LevelHistogram::try_new(max.into()));
        Self {
            places: 0,
            values: 0,
            rows: 0,
            text_bytes: None,
            repetition: histogram(levels.repetition.map(|(_, max)| max)),
            definition: histogram(levels.definition.as_ref().map(|(_, max)| *max)),
        }
    }
}

impl Writer<'_> {
    fn data_page(
        &mut self,
        page: &values::Page,
        levels: &Levels<'_>,
        totals: &mut Totals,
    ) -> Result<(), ParquetError> {
        let places = levels.starts.rows(&page.records);
        let count = places.len();
        let mut bytes = Vec::with_capacity(page.bytes.len() + count / 4 + 16);
        let mut write = |levels: &[u8], max| {
            write_levels(&mut bytes, levels, max);
            histogram(levels, max)
        };
        let definition = levels.definition.as_ref();
        let repetitions = levels.repetition.map(|(all, max)| write(&all[places.clone()], max));
        let definitions = definition.map(|(all, max)| write(&all[places.clone()], *max));
        bytes.extend_from_slice(&page.bytes);

        let missing = (count - page.count) as i64;
        let rows = if levels.repetition.is_some() { page.records.len() } else { count };
        let double = matches!(page.bounds, Some((Bound::Number(_, statistics::Number::Double), _)));
        let (least, most) = match &page.bounds {
            Some((least, most)) => (least.least_bytes(), most.most_bytes()),
            None => (Vec::new(), Vec::new()),
        };
        self.column_index.append(page.bounds.is_none(), least, most, missing, double.then_some(0));
        self.column_index.append_histograms(&repetitions, &definitions);
        self.offset_index.append_row_count(rows as i64);
        let text_bytes = page.text_bytes.map(|bytes| bytes as i64);
        self.offset_index.append_unencoded_byte_array_data_bytes(text_bytes);

        totals.places += count;
        totals.values += page.count;
        totals.rows += rows;
        if let Some(bytes) = text_bytes {
            *totals.text_bytes.get_or_insert(0) += bytes;
        }
        let sum = |total: &mut Option<LevelHistogram>, page: Option<LevelHistogram>| {
            if let (Some(total), Some(page)) = (total, page) {
                total.add(&page);
            }
        };
        sum(&mut totals.repetition, repetitions);
        sum(&mut totals.definition, definitions);

        let size = bytes.len();
        let page = Page::DataPage {
            buf: self.compressor.compress(&bytes)?,
            num_values: count as u32,
            encoding: page.encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let (offset, size) = self.page(page, size)?;
        self.offset_index.append_offset_and_size(offset, size);
        Ok(())
    }

    /// Writes a page of so many bytes before they were compressed. Returns where, and how many there are.
    fn page(&mut self, page: Page, size: usize) -> Result<(i64, i32), ParquetError> {
        let (page_type, encoding) = (page.page_type(), page.encoding());
        match self.stats.last_mut() {
            Some(last) if last.page_type == page_type && last.encoding == encoding => {
                last.count += 1
            }
            _ => self.stats.push(PageEncodingStats { page_type, encoding, count: 1 }),
        }
        let written = SerializedPageWriter::new(&mut self.sink)
            .write_page(CompressedPage::new(page, size))?;
        self.uncompressed += written.uncompressed_size;
        debug_assert!(page_type != PageType::DICTIONARY_PAGE || written.offset == 0);
        Ok((written.offset as i64, written.compressed_size as i32))
    }
}

/// Levels behind their length.
fn write_levels(out: &mut Vec<u8>, levels: &[u8], max: u8) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    bits::hybrid(out, levels, bits::width(max.into()));
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

fn histogram(levels: &[u8], max: u8) -> LevelHistogram {
    let mut counts = vec![0_i64; usize::from(max) + 1];
    levels.iter().for_each(|level| counts[usize::from(*level)] += 1);
    counts.into()
}

/// The bounds of all pages.
fn bounds(pages: &[values::Page]) -> Option<(Bound, Bound)> {
    let bounds = pages.iter().filter_map(|page| page.bounds.as_ref());
    let mut whole: Option<(&Bound, &Bound)> = None;
    for (least, most) in bounds {
        whole = Some(match whole {
            Some((low, high)) => {
                (if least < low { least } else { low }, if most > high { most } else { high })
            }
            None => (least, most),
        });
    }
    whole.map(|(least, most)| (least.clone(), most.clone()))
}

/// Whether the bounds of the pages rise or fall.
fn boundary_order(pages: &[values::Page]) -> BoundaryOrder {
    let bounds: Vec<_> = pages.iter().filter_map(|page| page.bounds.as_ref()).collect();
    let rise = |a: &&(Bound, Bound), b: &&(Bound, Bound)| a.0 <= b.0 && a.1 <= b.1;
    if bounds.is_sorted_by(rise) {
        BoundaryOrder::ASCENDING
    } else if bounds.is_sorted_by(|a, b| rise(b, a)) {
        BoundaryOrder::DESCENDING
    } else {
        BoundaryOrder::UNORDERED
    }
}

/// What is told of a column that has only missing values.
fn without_values(column: parquet::basic::Type, missing: u64) -> Statistics {
    use parquet::basic::Type;
    let missing = Some(missing);
    match column {
        Type::BOOLEAN => Statistics::boolean(None, None, None, missing, false),
        Type::INT32 => Statistics::int32(None, None, None, missing, false),
        Type::INT64 => Statistics::int64(None, None, None, missing, false),
        Type::DOUBLE => Statistics::double(None, None, None, missing, false),
        Type::FIXED_LEN_BYTE_ARRAY => {
            Statistics::fixed_len_byte_array(None, None, None, missing, false)
        }
        Type::INT96 | Type::FLOAT | Type::BYTE_ARRAY => {
            Statistics::byte_array(None, None, None, missing, false)
        }
    }
}
