//! Records that refer to records of the same table.

use super::{TimePath, ValuePath};

/// Records that refer to records of the same table: a row for each two records and what links them.
#[derive(Debug)]
pub struct Links {
    /// Index into [`Model::tables`](crate::model::Model::tables).
    pub table: usize,
    /// The references, in the order of the codes of the column `link`.
    pub links: Vec<Link>,
    /// When a record was.
    pub time: Option<TimePath>,
    /// Columns of both records that go along.
    pub keep: Vec<Kept>,
}

/// A reference to records of the same table.
#[derive(Debug)]
pub struct Link {
    /// Where it stands.
    pub path: ValuePath,
    /// Whether it says the same from both sides.
    pub is_symmetric: bool,
}

/// A column of both records that goes along.
#[derive(Debug)]
pub struct Kept {
    /// Index into [`Level::columns`](crate::model::Level::columns) of the table.
    pub column: usize,
    /// So many columns right behind it say more of its values, and go along.
    pub parts: usize,
    /// What its columns are called, of the record that refers and of the one referred to.
    pub names: [String; 2],
}
