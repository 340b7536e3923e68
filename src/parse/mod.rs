//! Input formats: source text in, a tape out. A parser never fails; it reports.
