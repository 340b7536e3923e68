use super::{Guess, Similarity, Words, nearest};

/// Codes of the ISO, with their labels and numbers of another list.
const COUNTRIES: [(&str, &str, &str); 8] = [
    ("FRA", "France", "220"),
    ("DEU", "Germany", "255"),
    ("CIV", "Côte d'Ivoire", "437"),
    ("USA", "United States of America", "2"),
    ("CAN", "Canada", "20"),
    ("IRQ", "Iraq", "645"),
    ("IRN", "Iran", "630"),
    ("NOR", "Norway", "385"),
];

fn countries() -> Words {
    let labels = (0..).zip(COUNTRIES.iter().map(|country| country.1));
    let numbers = (0..).zip(COUNTRIES.iter().map(|country| country.2));
    Words::codes(COUNTRIES.map(|country| country.0))
        .with_names("label", labels)
        .with_names("cow", numbers)
}

/// A guess as `word`, `word!` if it may be written, or `a or b`.
fn told(words: &Words, text: &str) -> String {
    match words.guess(text) {
        Guess::Nothing => String::new(),
        Guess::One(near) if near.is_writable() => format!("{}!", near.word),
        Guess::One(near) => near.word.to_owned(),
        Guess::Either(a, b) => format!("{a} or {b}"),
    }
}

#[test]
fn guesses_are_none_but_what_a_person_would_guess() {
    let countries = countries();
    let cow = Words::codes(["2", "20", "31", "40", "200"]);
    let iso = Words::codes(["004", "008", "040", "400", "840"]);
    let departments = Words::codes(["01", "02", "04", "40", "2A", "2B"]);
    let mixed = Words::codes(["4", "04", "5"]);
    let actors = Words::codes(["USA", "USAGOV", "USAMIL", "RUSGOV", "IRQGOV", "IRNMIL", "GBR"]);
    let keys = Words::codes(["m-12", "m-1-2", "angela-merkel", "merkel-2005", "merkel-2009"]);
    let spellings = Words::codes(["Peña", "Pena", "Straße", "US", "Us"]);
    let words = Words::codes(["summit", "bilateral talks", "signing", "visit", "host", "guest"]);
    let states = Words::codes(["Austria", "Slovakia", "Slovenia", "Iceland", "Zambia", "Nigeria"]);
    let few = Words::few(["host", "guest", "name", "date", "n1", "n2", "SUMMIT", "participants"]);
    for (words, text, expected) in [
        (&countries, "France", "FRA!"),
        (&countries, "FRANCE ", "FRA!"),
        (&countries, "fra", "FRA!"),
        (&countries, "Fr\u{ad}ance", "FRA!"),
        (&countries, "Cote d’Ivoire", "CIV!"),
        (&countries, "united\u{a0}states of America", "USA!"),
        (&countries, "2", "USA"),
        (&countries, "2.0", "USA"),
        (&countries, "3", ""),
        (&countries, "USR", ""),
        (&countries, "IRK", ""),
        (&countries, "Irak", ""),
        (&countries, "Norwya", "NOR"),
        (&countries, "Untied States of America", "USA"),
        (&countries, "Chanada", "CAN"),
        (&countries, "F", ""),
        (&countries, "ZZZ", ""),
        (&cow, "2.0", "2!"),
        (&cow, "020", "20!"),
        (&cow, "21", ""),
        (&cow, "2.5", ""),
        (&cow, "-2", ""),
        (&cow, "2O", ""),
        (&iso, "40", "040!"),
        (&iso, "4", "004!"),
        (&iso, "400.0", "400!"),
        (&iso, "41", ""),
        (&departments, "4", "04!"),
        (&departments, "2a", "2A!"),
        (&departments, "2C", ""),
        (&mixed, "4.0", "04 or 4"),
        (&mixed, "5 ", "5!"),
        (&actors, "USR", ""),
        (&actors, "USRGOV", ""),
        (&actors, "IRNGOV", ""),
        (&actors, "usa gov", "USAGOV!"),
        (&actors, "GRB", ""),
        (&keys, "m12", "m-12!"),
        (&keys, "m-13", ""),
        (&keys, "M_1_2", "m-1-2!"),
        (&keys, "Angela Merkel", "angela-merkel!"),
        (&keys, "angela-merkl", "angela-merkel!"),
        (&keys, "merkel-2006", ""),
        (&keys, "merkl-2005", "merkel-2005"),
        (&spellings, "peña", "Pena or Peña"),
        (&spellings, "Pen\u{303}a", "Peña!"),
        (&spellings, "us", "US or Us"),
        (&words, "Summit", "summit!"),
        (&words, "sumit", "summit!"),
        (&words, "bilateral_tallk", "bilateral talks"),
        (&words, "hots", ""),
        (&words, "spectator", ""),
        (&states, "Australia", ""),
        (&states, "Slovekia", "Slovakia or Slovenia"),
        (&states, "Gambia", ""),
        (&states, "Zambai", "Zambia!"),
        (&states, "Niger", ""),
        (&few, "hst", "host"),
        (&few, "hots", "host"),
        (&few, "hose", ""),
        (&few, "nmae", "name"),
        (&few, "n3", ""),
        (&few, "SUMIT", "SUMMIT"),
        (&few, "participnats", "participants!"),
        (&few, "partcipnats", "participants"),
    ] {
        assert_eq!(told(words, text), expected, "{text}");
    }
}

#[test]
fn what_differs_in_nothing_visible_is_the_same() {
    let words = Words::codes(["café", "host"]);
    for text in ["cafe\u{301} ", "\u{feff}café", "ca\u{200b}fé"] {
        let near = words.guess(text).one().expect("a guess");
        assert_eq!((near.word, near.similarity), ("café", Similarity::Same), "{text:?}");
    }
    let near = words.guess("Café").one().expect("a guess");
    assert_eq!(near.similarity, Similarity::Form);
}

#[test]
fn a_question_says_why() {
    let countries = countries();
    assert_eq!(
        countries.guess("France").question().as_deref(),
        Some("did you mean `FRA`? Its `label` is `France`")
    );
    assert_eq!(
        nearest("head_of_delegaton", ["host", "head-of-delegation"]),
        Some("head-of-delegation")
    );
}

/// Lists and texts as long as somebody who means harm would make them.
#[test]
fn a_guess_takes_no_longer_in_a_long_list() {
    let alike: Vec<String> = (0..5_000)
        .map(|number| format!("aaaaaaaa{}", char::from_u32(0x4e00 + number).expect("a letter")))
        .collect();
    let words = Words::codes(alike.iter().map(String::as_str));
    for number in 0..5_000 {
        let _ =
            words.guess(&format!("aaaaaaaa{}", char::from_u32(0xac00 + number).expect("a letter")));
    }
    assert_eq!(words.guess(&"a".repeat(100_000)), Guess::Nothing);
}
