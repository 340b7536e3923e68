//! Extended Date/Time Format (ISO 8601-2:2019, annex A), levels 0 and 1.

/// How precise a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// One day.
    Day,
    /// One month.
    Month,
    /// One season.
    Season,
    /// One year.
    Year,
    /// From one date to another.
    Interval,
    /// From or to a date, without the other end.
    Open,
    /// Nothing is known.
    Unknown,
}
