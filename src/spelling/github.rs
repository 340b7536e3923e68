//! Workflow commands of GitHub Actions. A line break would end one, and begin another.

use super::terminal::printable_char;

/// Text as what a command says, which may have lines.
#[must_use]
pub fn data(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' => spelt.push_str("%25"),
            '\r' => spelt.push_str("%0D"),
            '\n' => spelt.push_str("%0A"),
            _ => printable_char(character, &mut spelt),
        }
    }
    spelt
}

/// Text as a property of a command.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_ends_a_property_is_escaped() {
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
        assert_eq!(data("a, b: 5 %\nc\u{1b}[0m"), "a, b: 5 %25%0Ac\u{fffd}[0m");
    }
}
