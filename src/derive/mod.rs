//! Tables that follow from others.

pub mod agreement;
