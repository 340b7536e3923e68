//! All tests from outside: of the library through its public names, of the command, of the repository.
//!
//! They are one program, which links once. `cargo test --test it corpus::` runs one file of them. They
//! share a process, so none sets its environment or its directory.

mod agreement;
mod any_schema;
mod cel;
mod cli;
mod code_lists;
mod constraints_page;
mod corpus;
mod derived;
mod derived_views;
mod determinism;
mod dialects;
mod docs;
mod fuzz;
mod guide;
mod json_ld;
mod json_schema_suite;
mod missing;
mod mutation;
mod new_field;
mod old_data;
mod paths;
mod policy;
mod render;
mod round_trip;
mod state_visits;
mod stated;
mod support;
mod tidy;
