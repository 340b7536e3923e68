//! Addresses that are more than an address.

/// Whether an address is a program, or a page with one in it: a browser that follows it runs it.
#[must_use]
pub fn runs_script(address: impl AsRef<[u8]>) -> bool {
    const SCHEMES: [&str; 3] = ["javascript:", "vbscript:", "data:"];
    let address = address.as_ref();
    // Most are `https:`.
    if !matches!(address.first(), Some(b'j' | b'J' | b'v' | b'V' | b'd' | b'D')) {
        return false;
    }
    SCHEMES.iter().any(|scheme| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::runs_script;

    #[test]
    fn scripts_are_told_from_addresses() {
        for address in ["javascript:alert(1)", "JavaScript:x", "vbscript:x", "data:text/html,x"] {
            assert!(runs_script(address), "{address}");
        }
        for address in ["", "https://a/javascript:", "javascript", "urn:javascript:x", "é"] {
            assert!(!runs_script(address), "{address}");
        }
    }
}
