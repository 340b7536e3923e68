//! Formats that are told by a look at the bytes, of the texts that people write.
//!
//! What is taken here is surely of the format; of anything else the authority is asked. A test holds
//! both against each other.

use std::sync::OnceLock;

use crate::clock;
use crate::decimal::is_decimal;
use crate::schema::authority::PartCheck;

/// Whether a text is surely of a format.
type Surely = fn(&[u8]) -> bool;

/// A format of which some texts are surely.
#[derive(Debug)]
pub(super) struct Format {
    name: &'static str,
    surely: Surely,
    /// Compiled when the first text is asked about.
    authority: OnceLock<Option<PartCheck>>,
}

impl Format {
    /// The format of that name, if it is one of these.
    pub fn named(name: &str) -> Option<Self> {
        const FORMATS: [(&str, Surely); 8] = [
            ("uri", is_web_address),
            ("iri", is_web_address),
            ("uri-reference", is_web_address),
            ("iri-reference", is_web_address),
            ("date-time", is_plain_time),
            ("date-time-local", is_local_time),
            ("time-local", is_time_of_day),
            ("decimal", is_decimal),
        ];
        let (name, surely) = FORMATS.into_iter().find(|(known, _)| *known == name)?;
        Some(Self { name, surely, authority: OnceLock::new() })
    }

    /// Whether a text is of it, which is called with its bytes.
    #[inline]
    pub fn accepts<'t>(&self, bytes: &[u8], text: impl FnOnce() -> &'t str) -> bool {
        (self.surely)(bytes) || self.asks(text())
    }

    #[cold]
    fn asks(&self, text: &str) -> bool {
        let authority = self.authority.get_or_init(|| PartCheck::keyword("format", self.name));
        authority.as_ref().is_some_and(|it| it.accepts_text(text))
    }
}

/// Whether an address begins with `http://` or `https://` and a name, and goes on with characters
/// that RFC 3986 lets stand there.
fn is_web_address(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"https://").or_else(|| text.strip_prefix(b"http://"))
    else {
        return false;
    };
    let host = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte));
    let host = host.count();
    if host == 0 {
        return false;
    }
    let rest = &rest[host..];
    // Most go on with nothing but a path of such characters.
    if matches!(rest, [] | [b'/', ..]) && rest.iter().all(|it| IN_PATH[usize::from(*it)]) {
        return true;
    }
    let mut rest = rest.iter();
    let (mut path, mut query, mut fragment) = (false, false, false);
    while let Some(byte) = rest.next() {
        match byte {
            b'/' => path = true,
            // The port, or a name for the host to know somebody by, are asked about.
            _ if !path && !query && !fragment && !matches!(byte, b'?' | b'#') => return false,
            b'?' => query = true,
            b'#' if fragment => return false,
            b'#' => fragment = true,
            b'%' => {
                let digits = [rest.next(), rest.next()];
                if !digits.iter().all(|it| it.is_some_and(u8::is_ascii_hexdigit)) {
                    return false;
                }
            }
            _ if IN_PATH[usize::from(*byte)] => {}
            _ => return false,
        }
    }
    true
}

/// What may stand anywhere in a path, a query and a fragment.
static IN_PATH: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let it = byte as u8;
        table[byte] = it.is_ascii_alphanumeric()
            || matches!(
                it,
                b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'!' | b'$' | b'&' | b'\''
            )
            || matches!(it, b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=');
        byte += 1;
    }
    table
};

/// Whether a text is a point in time as RFC 3339 writes it, of a day that every month has, with no leap
/// second.
fn is_plain_time(text: &[u8]) -> bool {
    let Some((start, rest)) = text.split_first_chunk::<19>() else { return false };
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1] =
        start
    else {
        return false;
    };
    let two = |high: u8, low: u8, most: u8| {
        high.is_ascii_digit() && low.is_ascii_digit() && (high - b'0') * 10 + (low - b'0') <= most
    };
    let day = [y0, y1, y2, y3].iter().all(u8::is_ascii_digit)
        && two(m0, m1, 12)
        && two(d0, d1, 28)
        && [m0, m1] != *b"00"
        && [d0, d1] != *b"00";
    if !day || !two(h0, h1, 23) || !two(n0, n1, 59) || !two(s0, s1, 59) {
        return false;
    }
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        rest => rest,
    };
    match *rest {
        [b'Z'] => true,
        [b'+' | b'-', h0, h1, b':', n0, n1] => two(h0, h1, 23) && two(n0, n1, 59),
        _ => false,
    }
}

fn is_local_time(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| clock::local_time(text).is_some())
}

fn is_time_of_day(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| clock::time_of_day(text).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Format, is_plain_time, is_web_address};
    use crate::schema::authority::PartCheck;

    const ADDRESSES: [&str; 4] = ["uri", "iri", "uri-reference", "iri-reference"];

    #[test]
    fn what_people_write_is_surely_of_its_format() {
        for address in [
            "https://example.org",
            "http://example.org/",
            "https://archive.example.org/2021/10/16/summit-862707",
            "https://www.example.org/a_b/~c;d=1,2?q=a%20b&r=/?#part(1)/?",
            "https://example.org?q",
            "https://example.org#q",
        ] {
            assert!(is_web_address(address.as_bytes()), "{address}");
        }
        for other in [
            "",
            "example.org",
            "https://",
            "https:///a",
            "https://example.org:80/",
            "https://a@example.org/",
            "https://example.org/a b",
            "https://example.org/%4",
            "https://example.org/é",
            "https://example.org/#a#b",
            "https://example.org/[1]",
        ] {
            assert!(!is_web_address(other.as_bytes()), "{other}");
        }
        for time in ["2023-12-03T10:00:00Z", "2023-12-03T10:00:00.123456+01:00"] {
            assert!(is_plain_time(time.as_bytes()), "{time}");
        }
        for other in [
            "2023-12-03",
            "2023-12-03T10:00:00",
            "2023-12-31T10:00:00Z",
            "2023-00-03T10:00:00Z",
            "2023-13-03T10:00:00Z",
            "2023-12-03T24:00:00Z",
            "2023-12-03T10:00:60Z",
            "2023-12-03T10:00:00.Z",
            "2023-12-03T10:00:00+1:00",
            "2023-12-03t10:00:00z",
        ] {
            assert!(!is_plain_time(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn the_rest_is_asked_about() {
        let format = Format::named("date-time").expect("it is one of them");
        let accepts = |text: &'static str| format.accepts(text.as_bytes(), || text);
        assert!(accepts("2023-12-03T10:00:00Z") && accepts("2023-12-31t10:00:00z"));
        assert!(!accepts("2023-02-31T10:00:00Z") && !accepts("tomorrow"));
        assert!(Format::named("email").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// Nothing is taken that the authority doesn't take.
        #[test]
        fn the_authority_takes_what_is_taken(
            address in "(https?://)?[a-zA-Z0-9.-]{0,6}([/?#:@%\\[ é]|%[0-9A-Fa-f]{2}|[!-~]{1,4}|[a-z0-9/]{1,9}){0,6}",
            time in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?(Z|[+-][0-2][0-9]:[0-6][0-9]|)",
        ) {
            let authority = |format: &str, text: &str| {
                PartCheck::keyword("format", format).expect("it is known").accepts_text(text)
            };
            if is_web_address(address.as_bytes()) {
                for format in ADDRESSES {
                    prop_assert!(authority(format, &address), "{} as {}", address, format);
                }
            }
            if is_plain_time(time.as_bytes()) {
                prop_assert!(authority("date-time", &time), "{}", time);
            }
        }
    }
}
