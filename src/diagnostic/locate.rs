//! Bytes to lines and columns.
