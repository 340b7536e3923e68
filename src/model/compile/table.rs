//! A table: its record, its key and what it is called.

use super::gather::{Condition, gather};
use super::scope::{Contents, Scope};
use super::{Compiler, conflicts};
use crate::expr::excerpt::Excerpt;
use crate::manifest::TableDeclaration;
use crate::model::{Item, Level, Table};

impl<'c> Compiler<'c> {
    pub(super) fn table(
        &mut self,
        declaration: &TableDeclaration,
        document: usize,
    ) -> Option<Table> {
        let root = self.documents.root(document);
        let title = root.text("title").unwrap_or(&declaration.name).to_owned();
        let description = root.text("description").unwrap_or_default().to_owned();
        let clauses = gather(self.documents, root.clone(), Condition::Always, self.found);
        let scope = Scope {
            table: declaration.name.clone(),
            pointer: String::new(),
            prefix: String::new(),
            internal: false,
            certain: true,
            in_list: false,
            depth: 0,
            around: Vec::new(),
        };
        self.refuse(&clauses, &["x-internal"], "a property, not on a table");
        conflicts::check(&clauses, self.found);
        self.properties = 0;
        self.missing.clone_from(&declaration.missing);
        let mut contents = Contents::default();
        let mut object = self.object(&clauses, &scope, &declaration.row, &mut contents)?;
        let made_key = self.made_key(declaration, &mut object, &mut contents);
        let key = self.key(declaration, &object, &contents, &root)?;
        for column in &key.columns {
            self.no_markers_of_key(&mut contents.columns[*column]);
        }
        let level = Level {
            name: declaration.name.clone(),
            title: title.clone(),
            description: description.clone(),
            pointer: String::new(),
            item: Item::Object(object),
            columns: contents.columns,
            lists: contents.lists,
            item_key: Vec::new(),
            declared: contents.declared,
        };
        Some(Table {
            name: declaration.name.clone(),
            row: declaration.row.clone(),
            title,
            description,
            document,
            key,
            conditional: Vec::new(),
            place: declaration.place.clone(),
            derived: None,
            formats: None,
            has_markers: level.has_markers(),
            made_key,
            excerpt: Excerpt::default(),
            level,
        })
    }
}
