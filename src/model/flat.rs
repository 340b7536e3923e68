//! The flat tables that a table is released as.

use super::{Level, POSITION_COLUMN, Table, names};

/// A level with what leads to it: the flat table as it is released.
#[derive(Clone, Debug)]
pub struct FlatTable<'m> {
    /// The table that it belongs to.
    pub table: &'m Table,
    /// The level itself.
    pub level: &'m Level,
    /// The columns that name the parent row: the key of the record, then a position for each list but
    /// the last. Empty for a table itself.
    pub parents: Vec<String>,
    /// Indices into `lists`, from the table's own level down to this one.
    pub path: Vec<usize>,
}

impl Table {
    /// The released tables, parents before children.
    #[must_use]
    pub fn flat_tables(&self) -> Vec<FlatTable<'_>> {
        let mut tables = Vec::new();
        self.descend(&self.level, &[], &[], &mut tables);
        tables
    }

    /// What the columns of the key are called in child tables: as in the table itself.
    #[must_use]
    pub fn parent_columns(&self) -> Vec<String> {
        self.key_columns().map(|column| column.name.clone()).collect()
    }

    fn descend<'m>(
        &'m self,
        level: &'m Level,
        parents: &[String],
        path: &[usize],
        tables: &mut Vec<FlatTable<'m>>,
    ) {
        tables.push(FlatTable {
            table: self,
            level,
            parents: parents.to_vec(),
            path: path.to_vec(),
        });
        for (index, list) in level.lists.iter().enumerate() {
            let mut parents = parents.to_vec();
            if path.is_empty() {
                parents.extend(self.parent_columns());
            } else {
                // The list above is called by the end of its pointer: `participants_position`.
                let name = level.pointer.rsplit('/').next().unwrap_or_default();
                parents.push(format!("{}_{POSITION_COLUMN}", names::segment(name)));
            }
            let path = [path, &[index]].concat();
            self.descend(list, &parents, &path, tables);
        }
    }
}
