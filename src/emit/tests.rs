//! Releases of the fixture, read back with other people's readers.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::fixture::Fixture;
use super::{Memory, Selection, Written, emit_all};

const WORKERS: NonZeroUsize = NonZeroUsize::MIN;

fn emit(selection: &Selection, workers: usize) -> (Vec<Written>, BTreeMap<String, Vec<u8>>) {
    let fixture = Fixture::new();
    let memory = Memory::default();
    let workers = NonZeroUsize::new(workers).unwrap_or(WORKERS);
    let written =
        emit_all(&fixture.release(), selection, workers, &memory).expect("memory takes every file");
    (written, memory.into_files())
}

fn everything() -> BTreeMap<String, Vec<u8>> {
    emit(&Selection::default(), 1).1
}

fn text(files: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(files[path].clone()).expect("text files are UTF-8")
}

#[test]
#[ignore = "writes a release below target/ for the checks by hand"]
fn write_sample() {
    for (path, bytes) in everything() {
        let path = std::path::Path::new("target/emit-sample").join(path);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("directory");
        std::fs::write(path, bytes).expect("written");
    }
}
