//! What TOML takes for a date or a time without quotes.

use chrono::{NaiveDate, NaiveTime};

/// Whether a text is a date, a time, or both; behind both may stand how far from UTC they are.
pub(super) fn is_date_or_time(text: &str) -> bool {
    let Some((_, rest)) = text.split_at_checked("2023-12-03".len()).filter(|it| is_date(it.0))
    else {
        return is_time(text);
    };
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else { return rest.is_empty() };
    let offset = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, offset) = time.split_at(offset);
    is_time(time) && is_offset(offset)
}

fn is_date(text: &str) -> bool {
    shape(text) == "9999-99-99" && text.parse::<NaiveDate>().is_ok()
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = match shape(whole).as_str() {
        "99:99:99" => NaiveTime::parse_from_str(whole, "%H:%M:%S").is_ok(),
        "99:99" => !text.contains('.') && NaiveTime::parse_from_str(whole, "%H:%M").is_ok(),
        _ => false,
    };
    is_whole && !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_offset(text: &str) -> bool {
    match text.split_at_checked(1) {
        None => true,
        Some(("Z" | "z", rest)) => rest.is_empty(),
        Some((_, rest)) => is_time(rest) && rest.len() == "00:00".len(),
    }
}

/// The text with 9 for all digits.
fn shape(text: &str) -> String {
    text.chars().map(|it| if it.is_ascii_digit() { '9' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::is_date_or_time;

    #[test]
    fn dates_and_times() {
        for text in [
            "2023-12-03",
            "2024-02-29",
            "07:32:00",
            "07:32",
            "07:32:00.5",
            "2023-12-03T07:32:00",
            "2023-12-03 07:32:00.999999",
            "2023-12-03t07:32:00z",
            "2023-12-03T00:32:00-07:00",
        ] {
            assert!(is_date_or_time(text), "{text}");
        }
        for text in [
            "2023-12-32",
            "2023-02-29",
            "2023-1-03",
            "2023-12",
            "24:00:00",
            "07:32:00.",
            "2023-12-03T",
            "2023-12-03X",
            "2023-12-03T07:32:00+7:00",
            "2023-12-03T07:32:00+07:00:00",
            "07:32:00Z",
            "1-2",
            "é23-12-03",
        ] {
            assert!(!is_date_or_time(text), "{text}");
        }
    }
}
