//! Columns that are worked out from a date.

/// A fact of a date that has a column of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdtfPart {
    /// The first day that it can mean.
    Earliest,
    /// The last day that it can mean.
    Latest,
    /// How precise it is.
    Precision,
    /// Whether it is marked uncertain.
    Uncertain,
    /// Whether it is marked approximate.
    Approximate,
}

impl EdtfPart {
    /// All parts, in the order of their columns: those of an uncertain date.
    pub const ALL: [Self; 5] =
        [Self::Earliest, Self::Latest, Self::Precision, Self::Uncertain, Self::Approximate];

    /// Those of a date that is composed of several columns, which has no marks.
    pub const OF_COMPOSED: [Self; 3] = [Self::Earliest, Self::Latest, Self::Precision];

    /// Those of a year.
    pub const OF_YEAR: [Self; 2] = [Self::Earliest, Self::Latest];

    /// The end of the column's name.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::Precision => "precision",
            Self::Uncertain => "uncertain",
            Self::Approximate => "approximate",
        }
    }
}
