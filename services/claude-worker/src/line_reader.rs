//! Lines out of a stream of bytes, with a bound on what is held in memory.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// One line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// As it came.
    Whole(Bytes),
    /// Longer than the bound; only the bytes seen so far are known.
    TooLong(usize),
}

impl Line {
    /// Bytes of the line.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::TooLong(length) => *length,
        }
    }
}

/// Reads lines; half a line waits for its rest, also when a call of [`LineReader::next`] is dropped.
pub(crate) struct LineReader<R> {
    source: R,
    longest: usize,
    buffer: BytesMut,
    searched: usize,
    skips: bool,
    ended: bool,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// A reader that holds at most `longest` bytes of a line and one read.
    pub(crate) fn new(source: R, longest: usize) -> Self {
        Self {
            source,
            longest,
            buffer: BytesMut::new(),
            searched: 0,
            skips: false,
            ended: false,
        }
    }

    /// The next line, `None` at the end.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(crate) async fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(Some(line));
            }
            if self.ended {
                let rest = self.buffer.split().freeze();
                self.searched = 0;
                return Ok((!rest.is_empty()).then(|| self.line(rest)));
            }
            self.ended = self.source.read_buf(&mut self.buffer).await? == 0;
        }
    }

    fn take_line(&mut self) -> Option<Line> {
        loop {
            let unsearched = &self.buffer[self.searched..];
            let Some(offset) = unsearched.iter().position(|byte| *byte == b'\n') else {
                return self.keep_half();
            };
            let bytes = self.buffer.split_to(self.searched + offset).freeze();
            self.buffer.advance(1);
            self.searched = 0;
            if !std::mem::take(&mut self.skips) {
                return Some(self.line(bytes));
            }
        }
    }

    fn line(&self, bytes: Bytes) -> Line {
        if bytes.len() > self.longest {
            Line::TooLong(bytes.len())
        } else {
            Line::Whole(bytes)
        }
    }

    /// A line above the bound is told at once, for its end may never come; the rest of it is passed over.
    fn keep_half(&mut self) -> Option<Line> {
        self.searched = self.buffer.len();
        if !self.skips && self.buffer.len() <= self.longest {
            return None;
        }
        self.buffer.clear();
        let length = std::mem::take(&mut self.searched);
        let told = std::mem::replace(&mut self.skips, true);
        (!told).then_some(Line::TooLong(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &[u8], longest: usize) -> Vec<Line> {
        let mut reader = LineReader::new(text, longest);
        let mut lines = Vec::new();
        while let Some(line) = reader.next().await.unwrap() {
            lines.push(line);
        }
        lines
    }

    fn whole(text: &'static str) -> Line {
        Line::Whole(Bytes::from_static(text.as_bytes()))
    }

    #[tokio::test]
    async fn the_last_line_may_lack_its_end() {
        assert_eq!(lines(b"a\n\nbc", 10).await, [whole("a"), whole(""), whole("bc")]);
        assert_eq!(lines(b"a\n", 10).await, [whole("a")]);
        assert_eq!(lines(b"", 10).await, []);
    }

    #[tokio::test]
    async fn a_line_above_the_bound_is_only_counted() {
        assert_eq!(
            lines(b"abc\nabcd\nx", 3).await,
            [whole("abc"), Line::TooLong(4), whole("x")]
        );
    }

    #[tokio::test]
    async fn a_line_without_end_is_told_before_its_end() {
        let (mut writer, source) = tokio::io::duplex(64);
        let mut reader = LineReader::new(source, 3);
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"abcdef")
            .await
            .unwrap();
        assert!(matches!(reader.next().await.unwrap(), Some(Line::TooLong(_))));
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"gh\nok\n")
            .await
            .unwrap();
        assert_eq!(reader.next().await.unwrap(), Some(whole("ok")));
    }

    #[tokio::test]
    async fn a_line_in_pieces_is_put_together() {
        let pieces = in_pieces(&[b"on", b"e\ntw", b"o"]);
        let mut reader = LineReader::new(pieces, 10);
        assert_eq!(reader.next().await.unwrap(), Some(whole("one")));
        assert_eq!(reader.next().await.unwrap(), Some(whole("two")));
        assert_eq!(reader.next().await.unwrap(), None);
    }

    fn in_pieces(pieces: &'static [&'static [u8]]) -> tokio::io::DuplexStream {
        let (mut writer, reader) = tokio::io::duplex(2);
        tokio::spawn(async move {
            for piece in pieces {
                tokio::io::AsyncWriteExt::write_all(&mut writer, piece)
                    .await
                    .unwrap();
            }
        });
        reader
    }
}
