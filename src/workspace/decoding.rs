//! Text in another encoding than UTF-8, read as UTF-8.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};

const CHUNK_BYTES: usize = 1 << 15;

/// A reader of what another reader's bytes mean. Bytes that mean nothing become U+FFFD.
pub(super) struct Decoding<R> {
    inner: R,
    encoding: &'static Encoding,
    /// None before the first bytes are there.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// Which of `raw` are to be decoded.
    pending: std::ops::Range<usize>,
    /// Whether `inner` ended.
    ended: bool,
    /// Whether the decoder knows.
    finished: bool,
    /// Decoded bytes that are to be handed out.
    text: Vec<u8>,
    handed: usize,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            encoding,
            decoder: None,
            raw: vec![0; CHUNK_BYTES],
            pending: 0..0,
            ended: false,
            finished: false,
            text: Vec::with_capacity(CHUNK_BYTES * 3 + 16),
            handed: 0,
        }
    }

    /// Reads at least so many bytes, unless there are no more.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let mut filled = 0;
        while filled < wanted && !self.ended {
            let read = self.inner.read(&mut self.raw[filled..])?;
            filled += read;
            self.ended = read == 0;
        }
        self.pending = 0..filled;
        Ok(())
    }

    fn decode(&mut self) -> io::Result<()> {
        self.text.clear();
        self.handed = 0;
        while self.text.is_empty() && !self.finished {
            if self.pending.is_empty() && !self.ended {
                let wanted = if self.decoder.is_none() { 2 } else { 1 };
                self.fill(wanted)?;
            }
            let raw = &self.raw[self.pending.clone()];
            let decoder = self.decoder.get_or_insert_with(|| decoder(self.encoding, raw));
            self.text.resize(self.text.capacity(), 0);
            let (result, read, written, _) =
                decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            self.text.truncate(written);
            self.pending.start += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

/// The decoder of a file that begins with these bytes. Of UTF-16, a mark at the beginning tells the order
/// of bytes; in no other encoding do they mean that.
fn decoder(encoding: &'static Encoding, start: &[u8]) -> Decoder {
    if encoding != UTF_16LE && encoding != UTF_16BE {
        return encoding.new_decoder_without_bom_handling();
    }
    match start {
        [0xff, 0xfe, ..] => UTF_16LE.new_decoder_with_bom_removal(),
        [0xfe, 0xff, ..] => UTF_16BE.new_decoder_with_bom_removal(),
        _ => encoding.new_decoder_without_bom_handling(),
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.text.len() {
            self.decode()?;
        }
        let length = buffer.len().min(self.text.len() - self.handed);
        buffer[..length].copy_from_slice(&self.text[self.handed..self.handed + length]);
        self.handed += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
    use proptest::prelude::*;

    use super::Decoding;

    /// Hands out a few bytes at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    proptest! {
        #[test]
        fn pieces_say_what_the_whole_says(
            label in prop::sample::select(vec![
                "windows-1252", "utf-16le", "utf-16be", "macintosh", "iso-8859-15", "shift_jis",
                "gb18030", "windows-1251",
            ]),
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                prop::collection::vec(any::<u8>(), 0..9).prop_map(|rest| [vec![0xff, 0xfe], rest].concat()),
                prop::collection::vec(any::<u8>(), 0..9).prop_map(|rest| [vec![0xfe, 0xff], rest].concat()),
            ],
            step in 1usize..9,
        ) {
            let encoding = Encoding::for_label(label.as_bytes()).expect("an encoding");
            let mut text = Vec::new();
            Decoding::new(Slow(&bytes, step), encoding).read_to_end(&mut text).expect("memory");
            let text = String::from_utf8(text).expect("it is UTF-8");
            let (whole, _) = match (encoding.name(), &bytes[..]) {
                ("UTF-16LE" | "UTF-16BE", [0xff, 0xfe, rest @ ..]) => {
                    UTF_16LE.decode_without_bom_handling(rest)
                }
                ("UTF-16LE" | "UTF-16BE", [0xfe, 0xff, rest @ ..]) => {
                    UTF_16BE.decode_without_bom_handling(rest)
                }
                _ => encoding.decode_without_bom_handling(&bytes),
            };
            prop_assert_eq!(text, whole);
        }
    }
}
