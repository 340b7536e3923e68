//! Licences: what the manifest's SPDX expression says, for formats that name one licence at a time.

/// Words of an expression that are no licences.
const OPERATORS: [&str; 3] = ["AND", "OR", "WITH"];

/// The licences that an expression names, in order: `MIT` and `Apache-2.0` for
/// `MIT OR Apache-2.0`. An exception behind `WITH` is none.
pub fn identifiers(expression: &str) -> Vec<&str> {
    let mut identifiers = Vec::new();
    let mut before = "";
    for word in expression.split(['(', ')', ' ']).filter(|word| !word.is_empty()) {
        if !OPERATORS.contains(&word) && before != "WITH" {
            identifiers.push(word);
        }
        before = word;
    }
    identifiers
}

/// The IRI of an expression that is one licence on SPDX's list; none for others.
pub fn iri(expression: &str) -> Option<String> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    let is_listed = expression.bytes().all(word) && !expression.starts_with("LicenseRef-");
    is_listed.then(|| format!("https://spdx.org/licenses/{expression}"))
}

#[cfg(test)]
mod tests {
    use super::{identifiers, iri};

    #[test]
    fn an_expression_is_taken_apart() {
        let expression = "(GPL-2.0-only WITH Classpath-exception-2.0 OR MIT) AND CC-BY-4.0";
        assert_eq!(identifiers(expression), ["GPL-2.0-only", "MIT", "CC-BY-4.0"]);
        assert_eq!(identifiers("CC-BY-4.0"), ["CC-BY-4.0"]);
    }

    #[test]
    fn one_licence_has_an_iri() {
        assert_eq!(iri("CC-BY-4.0").as_deref(), Some("https://spdx.org/licenses/CC-BY-4.0"));
        assert_eq!(iri("MIT OR Apache-2.0"), None);
        assert_eq!(iri("LicenseRef-ours"), None);
    }
}
