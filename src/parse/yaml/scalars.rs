//! Scalars: what their style, their tag or the core schema makes of them.

use std::ops::Range;
use std::ptr;

use granit_parser::{ScalarStyle, Span, Tag};

use super::Reader;
use super::plain::{self, Plain};
use crate::diagnostic::{Certainty, Diagnostic, code, quote};
use crate::parse::scalar;
use crate::tape::NodeId;

impl Reader<'_, '_> {
    pub(super) fn key(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: &Span,
        bytes: Range<usize>,
    ) {
        self.tag(tag, "str", span, &bytes);
        self.untagged_key(text, style, bytes);
    }

    pub(super) fn untagged_key(&mut self, text: &str, style: ScalarStyle, bytes: Range<usize>) {
        if style == ScalarStyle::Plain {
            if text == "<<" {
                self.spoil();
                self.report(
                    &code::INVALID_SYNTAX,
                    bytes.clone(),
                    "YAML 1.2 has no merge key `<<`",
                    "write the properties out, or give the whole mapping an alias",
                );
            } else if plain::resolve(text) == Plain::Text {
                if matches!(text.as_bytes().first(), Some(0xc2..)) {
                    self.odd_first_character(text, &bytes);
                }
                self.warn_yaml_1_1(text, Plain::Text, &bytes);
            }
        }
        self.push_text(text, style, bytes);
    }

    /// A key that begins with a blank which YAML doesn't take for one, or with a curly quotation mark.
    #[cold]
    fn odd_first_character(&mut self, text: &str, bytes: &Range<usize>) {
        let Some(first) = text.chars().next() else { return };
        if first.is_whitespace() {
            self.spoil();
            self.report(
                &code::INVALID_SYNTAX,
                bytes.start..bytes.start + first.len_utf8(),
                format!(
                    "the character U+{:04X} stands where YAML takes only spaces",
                    u32::from(first)
                ),
                "indent with spaces: text from a web page or a word processor has others",
            );
        } else {
            self.doubt_marks(text, bytes);
        }
    }

    pub(super) fn untagged(
        &mut self,
        text: &str,
        style: ScalarStyle,
        bytes: Range<usize>,
    ) -> NodeId {
        if style != ScalarStyle::Plain {
            return self.push_text(text, style, bytes);
        }
        self.doubt(text, &bytes);
        let plain = plain::resolve(text);
        self.warn_yaml_1_1(text, plain, &bytes);
        self.push_plain(text, plain, bytes)
    }

    fn push_plain(&mut self, text: &str, plain: Plain<'_>, bytes: Range<usize>) -> NodeId {
        match plain {
            Plain::Null => self.builder.null(bytes),
            Plain::Boolean(value) => self.builder.boolean(bytes, value),
            Plain::Decimal => {
                let place = self.place(&bytes);
                scalar::push_number(&mut self.builder, bytes, text, place, self.diagnostics)
            }
            Plain::Radix { digits, radix } => self.radix(text, digits, radix, bytes),
            Plain::NonFinite => {
                self.report(
                    &code::NON_FINITE_NUMBER,
                    bytes.clone(),
                    format!("{} is no number that a record can hold", quote(text)),
                    "leave the property out where the number isn't known",
                );
                self.builder.float(bytes, 0.0)
            }
            Plain::Text => self.push_text(text, ScalarStyle::Plain, bytes),
        }
    }

    fn radix(&mut self, text: &str, digits: &str, radix: u32, bytes: Range<usize>) -> NodeId {
        if let Ok(value) = u64::from_str_radix(digits, radix) {
            return match i64::try_from(value) {
                Ok(value) => self.builder.integer(bytes, value),
                Err(_) => self.builder.unsigned(bytes, value),
            };
        }
        let nearest = digits.chars().fold(0.0, |sum, digit| {
            sum * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or_default())
        });
        // A double has 53 bits, and zeros behind them.
        let significant = u128::from_str_radix(digits.trim_end_matches('0'), radix);
        let exact = significant
            .is_ok_and(|it| it.checked_ilog2().unwrap_or(0) - it.trailing_zeros() % 128 < 53);
        if exact && nearest.is_finite() {
            return self.builder.float(bytes, nearest);
        }
        let place = self.place(&bytes);
        self.diagnostics.push(scalar::inexact(text, &format!("{nearest:e}"), place));
        self.builder.float(bytes, if nearest.is_finite() { nearest } else { 0.0 })
    }

    fn push_text(&mut self, text: &str, style: ScalarStyle, bytes: Range<usize>) -> NodeId {
        let quotes = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => 0,
        };
        // Without escapes, folds and indentation the source spells the text out.
        let spelt = bytes.start + quotes..bytes.start + quotes + text.len();
        let source = self.text.as_bytes().get(spelt.clone());
        let same = |source: &[u8]| ptr::eq(source, text.as_bytes()) || source == text.as_bytes();
        if source.is_some_and(same) {
            self.builder.borrowed(bytes, spelt)
        } else {
            self.builder.decoded(bytes, text)
        }
    }

    #[inline]
    fn warn_yaml_1_1(&mut self, text: &str, plain: Plain<'_>, bytes: &Range<usize>) {
        if let Some(elsewhere) = plain::yaml_1_1(text, plain) {
            self.report_yaml_1_1(text, plain, &elsewhere, bytes);
        }
    }

    #[cold]
    fn report_yaml_1_1(
        &mut self,
        text: &str,
        plain: Plain<'_>,
        elsewhere: &str,
        bytes: &Range<usize>,
    ) {
        let place = self.place(bytes);
        let quoted = quote(&format!("\"{text}\""));
        let (here, help) = match plain {
            Plain::Text => ("text", format!("write {}, which is text everywhere", quoted)),
            Plain::Decimal if text.contains(['e', 'E', '.']) => (
                "a number",
                "write a number before the point, and an exponent as in `1.5e+3`".to_owned(),
            ),
            Plain::Null
            | Plain::Boolean(_)
            | Plain::Decimal
            | Plain::Radix { .. }
            | Plain::NonFinite => {
                ("a number", format!("write the number in decimal, or {quoted} if it is text"))
            }
        };
        let message = format!("{} is {here}, but YAML 1.1 software reads {elsewhere}", quote(text));
        let mut finding = Diagnostic::new(&code::YAML_1_1_VALUE, place, message).help(help);
        if plain == Plain::Text {
            finding = finding.replace(Certainty::Certain, "quote it", format!("\"{text}\""));
        }
        self.diagnostics.push(finding);
    }

    /// Complains of a tag other than the core schema's `expected`.
    pub(super) fn tag(
        &mut self,
        tag: Option<&Tag>,
        expected: &str,
        span: &Span,
        bytes: &Range<usize>,
    ) {
        let Some(tag) = tag else { return };
        if tag.core_suffix() != Some(expected) {
            let place = span.tag_span().and_then(|span| span.byte_range());
            let place = place.map(|it| it.start + self.from..it.end + self.from);
            let message = format!("the tag `{}` has no meaning here", tag.original());
            self.report(
                &code::UNSUPPORTED_TAG,
                place.unwrap_or(bytes.clone()),
                message,
                "leave the tag out: the schema says what type a value has",
            );
        }
    }

    pub(super) fn tagged(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: &Tag,
        span: &Span,
        bytes: Range<usize>,
    ) -> NodeId {
        let plain = plain::resolve(text);
        let kind = tag.core_suffix().unwrap_or_default();
        match (kind, plain) {
            ("str", _) => self.push_text(text, style, bytes),
            ("null", Plain::Null)
            | ("bool", Plain::Boolean(_))
            | ("int", Plain::Radix { .. })
            | ("float", Plain::NonFinite) => self.push_plain(text, plain, bytes),
            ("int", Plain::Decimal) if !text.contains(['.', 'e', 'E']) => {
                self.push_plain(text, plain, bytes)
            }
            ("float", Plain::Decimal) if !text.contains(['.', 'e', 'E']) => {
                self.push_plain(&format!("{text}.0"), plain, bytes)
            }
            ("float", Plain::Decimal) => self.push_plain(text, plain, bytes),
            ("null" | "bool" | "int" | "float", _) => {
                let message = format!("{} is not what its tag `!!{kind}` says", quote(text));
                self.report(
                    &code::UNSUPPORTED_TAG,
                    bytes.clone(),
                    message,
                    "leave the tag out, or mend the value",
                );
                self.untagged(text, style, bytes)
            }
            _ => {
                // `!!map` and `!!seq` mean nothing on a scalar, and other tags nothing at all.
                self.tag(Some(tag), "str", span, &bytes);
                self.untagged(text, style, bytes)
            }
        }
    }
}
