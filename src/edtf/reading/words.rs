//! The words in which people write dates, in English, French, Spanish, Portuguese and German: in
//! lower case and without accents, as [`fold`](super::text::fold) leaves them.
//!
//! Names of months are those of the Unicode Common Locale Data Repository (CLDR), wide and
//! abbreviated, with a few spellings that people use besides.

/// From January on.
const MONTHS: [&[&str]; 12] = [
    &["january", "janvier", "enero", "janeiro", "januar", "janner", "jan", "janv", "ene"],
    &["february", "fevrier", "febrero", "fevereiro", "februar", "feb", "fevr", "fev"],
    &["march", "mars", "marzo", "marco", "marz", "maerz", "mar", "mrz"],
    &["april", "avril", "abril", "apr", "avr", "abr"],
    &["may", "mai", "mayo", "maio"],
    &["june", "juin", "junio", "junho", "juni", "jun"],
    &["july", "juillet", "julio", "julho", "juli", "jul", "juil"],
    &["august", "aout", "agosto", "aug", "ago"],
    &["september", "septembre", "septiembre", "setiembre", "setembro", "sep", "sept", "set"],
    &["october", "octobre", "octubre", "outubro", "oktober", "oct", "okt", "out"],
    &["november", "novembre", "noviembre", "novembro", "nov"],
    &["december", "decembre", "diciembre", "dezembro", "dezember", "dec", "dic", "dez"],
];

/// From spring on: 21 to 24 in EDTF.
const SEASONS: [&[&str]; 4] = [
    &["spring", "printemps", "primavera", "fruhling", "fruhjahr"],
    &["summer", "ete", "verano", "verao", "sommer"],
    &["autumn", "fall", "automne", "otono", "outono", "herbst"],
    &["winter", "hiver", "invierno", "inverno"],
];

/// From Monday on.
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "lundi", "lunes", "segunda", "montag", "mon"],
    &["tuesday", "mardi", "martes", "terca", "dienstag", "tue", "tues"],
    &["wednesday", "mercredi", "miercoles", "quarta", "mittwoch", "wed"],
    &["thursday", "jeudi", "jueves", "quinta", "donnerstag", "thu", "thur", "thurs"],
    &["friday", "vendredi", "viernes", "sexta", "freitag", "fri"],
    &["saturday", "samedi", "sabado", "samstag", "sonnabend", "sat"],
    &["sunday", "dimanche", "domingo", "sonntag", "sun"],
];

/// Words for quarters of a year, with the letters that stand before a number.
const QUARTERS: [&str; 5] = ["quarter", "trimestre", "quartal", "q", "qtr"];
const HALVES: [&str; 4] = ["half", "semestre", "halbjahr", "h"];
const CENTURIES: [&str; 6] = ["century", "cent", "siecle", "siglo", "seculo", "jahrhundert"];
const ORDINALS: [&[&str]; 4] = [
    &["first", "premier", "primer", "primeiro", "erstes"],
    &["second", "deuxieme", "segundo", "zweites"],
    &["third", "troisieme", "tercer", "terceiro", "drittes"],
    &["fourth", "quatrieme", "cuarto", "quarto", "viertes"],
];
/// What follows the number of a day or a century.
const ENDINGS: [&str; 9] = ["st", "nd", "rd", "th", "er", "eme", "e", "o", "a"];
const FILLERS: [&str; 20] = [
    "of", "the", "in", "on", "year", "de", "del", "du", "d", "le", "la", "el", "en", "l", "do",
    "am", "im", "den", "des", "dem",
];

const ABOUT: [&str; 17] = [
    "c",
    "ca",
    "circa",
    "cca",
    "about",
    "around",
    "approx",
    "approximately",
    "roughly",
    "vers",
    "environ",
    "env",
    "um",
    "etwa",
    "gegen",
    "hacia",
    "cerca",
];
const PERHAPS: [&str; 7] =
    ["probably", "possibly", "perhaps", "maybe", "likely", "presumably", "vermutlich"];
const BEFORE: [&str; 5] = ["before", "avant", "antes", "vor", "pre"];
const UNTIL: [&str; 7] = ["until", "till", "to", "by", "jusqu", "hasta", "ate"];
const AFTER: [&str; 6] = ["after", "post", "apres", "despues", "depois", "nach"];
const SINCE: [&str; 7] = ["since", "from", "depuis", "desde", "seit", "ab", "starting"];
const OPEN: [&str; 12] = [
    "present",
    "now",
    "today",
    "ongoing",
    "open",
    "onwards",
    "onward",
    "current",
    "continuing",
    "heute",
    "presente",
    "actualidad",
];
const TO: [&str; 11] =
    ["to", "until", "till", "through", "thru", "bis", "a", "au", "al", "hasta", "ate"];
const AND: [&str; 5] = ["and", "et", "y", "e", "und"];
const BETWEEN: [&str; 8] = ["between", "from", "entre", "zwischen", "von", "du", "de", "del"];
const EARLY: [&str; 7] = ["early", "beginning", "start", "debut", "anfang", "principios", "inicio"];
const MIDDLE: [&str; 6] = ["mid", "middle", "mi", "mitte", "mediados", "meados"];
const LATE: [&str; 6] = ["late", "end", "fin", "ende", "finales", "fim"];

/// What stands for no date at all.
const NOTHING: [&str; 33] = [
    "unknown",
    "not known",
    "unk",
    "undated",
    "not dated",
    "no date",
    "n.d.",
    "nd",
    "n. d.",
    "n/d",
    "s.d.",
    "s. d.",
    "sans date",
    "sin fecha",
    "sem data",
    "o. j.",
    "o.j.",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "nan",
    "nat",
    "none",
    "null",
    "nil",
    "tbd",
    "tba",
    "tbc",
    "inconnu",
    "unbekannt",
    "desconocido",
    "desconhecido",
];

fn among(names: &[&[&str]], word: &str) -> Option<u32> {
    let at = names.iter().position(|names| names.contains(&word))?;
    u32::try_from(at + 1).ok()
}

/// From 1.
pub(super) fn month(word: &str) -> Option<u32> {
    among(&MONTHS, word)
}

/// 21 to 24.
pub(super) fn season(word: &str) -> Option<u32> {
    among(&SEASONS, word).map(|number| number + 20)
}

/// From Monday on, from 1.
pub(super) fn weekday(word: &str) -> Option<u32> {
    among(&WEEKDAYS, word)
}

/// `first` to `fourth`, from 1.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    among(&ORDINALS, word)
}

pub(super) fn is_quarter(word: &str) -> bool {
    QUARTERS.contains(&word)
}

pub(super) fn is_half(word: &str) -> bool {
    HALVES.contains(&word)
}

pub(super) fn is_century(word: &str) -> bool {
    CENTURIES.contains(&word)
}

pub(super) fn is_ending(word: &str) -> bool {
    ENDINGS.contains(&word)
}

pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

pub(super) fn is_about(word: &str) -> bool {
    ABOUT.contains(&word) || matches!(word, "~" | "≈")
}

pub(super) fn is_perhaps(word: &str) -> bool {
    PERHAPS.contains(&word) || word == "?"
}

pub(super) fn is_open(word: &str) -> bool {
    OPEN.contains(&word)
}

/// Between two dates.
pub(super) fn is_to(word: &str) -> bool {
    TO.contains(&word) || matches!(word, "–" | "‥")
}

/// Between two dates behind [`is_between`].
pub(super) fn is_and(word: &str) -> bool {
    AND.contains(&word)
}

/// Before two dates.
pub(super) fn is_between(word: &str) -> bool {
    BETWEEN.contains(&word)
}

/// Whether a whole text stands for no date.
pub(super) fn is_nothing(text: &str) -> bool {
    NOTHING.contains(&text)
        // Marks alone, and zeros.
        || !text.chars().any(|it| it.is_alphabetic() || matches!(it, '1'..='9')) && text != "0000"
}

/// What a word before a date makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Before,
    Until,
    After,
    Since,
}

pub(super) fn bound(word: &str) -> Option<Bound> {
    match word {
        "<" => Some(Bound::Before),
        "≤" => Some(Bound::Until),
        ">" => Some(Bound::After),
        "≥" => Some(Bound::Since),
        _ if BEFORE.contains(&word) => Some(Bound::Before),
        _ if UNTIL.contains(&word) => Some(Bound::Until),
        _ if AFTER.contains(&word) => Some(Bound::After),
        _ if SINCE.contains(&word) => Some(Bound::Since),
        _ => None,
    }
}

/// A third of a year or month: from 0.
pub(super) fn third(word: &str) -> Option<u32> {
    among(&[&EARLY, &MIDDLE, &LATE], word).map(|number| number - 1)
}

/// A number in Roman digits, up to 39, also with the ending of `XIXe`.
pub(super) fn roman(word: &str) -> Option<u32> {
    let word = word.strip_suffix("eme").or_else(|| word.strip_suffix('e')).unwrap_or(word);
    let value = |letter| match letter {
        'i' => Some(1),
        'v' => Some(5),
        'x' => Some(10),
        _ => None,
    };
    let digits: Vec<u32> = word.chars().map(value).collect::<Option<_>>()?;
    let next = digits.iter().skip(1).chain([&0]);
    let signed = digits.iter().zip(next).map(|(digit, next)| {
        let digit = i64::from(*digit);
        if digit < i64::from(*next) { -digit } else { digit }
    });
    u32::try_from(signed.sum::<i64>()).ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::{MONTHS, SEASONS, WEEKDAYS};
    use crate::edtf::reading::text::fold;

    #[test]
    fn no_word_means_two_things_and_all_are_folded() {
        for names in [&MONTHS[..], &SEASONS, &WEEKDAYS] {
            let mut words = names.concat();
            assert!(words.iter().all(|word| fold(word) == *word));
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count);
        }
    }
}
