//! How text that others wrote is spelt in what we write: one file a language.
//!
//! Titles, descriptions, values, keys and names of files are written by whoever curates a dataset,
//! and may hold anything. Here alone is decided how such a text stands in a line of a terminal, in
//! a workflow command, in XML and in Markdown, so that it is shown and never obeyed. What is written
//! for programs (CSV, JSON, Parquet) keeps every character, by the rules of its format.

pub mod github;
pub mod markdown;
pub mod terminal;
pub mod xml;

/// What stands for a character that can't be shown.
const HIDDEN: char = '\u{fffd}';
