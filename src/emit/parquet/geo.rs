//! GeoParquet 1.1: a row with a latitude and a longitude gets a point in a column of its own.

use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field};
use serde::Serialize;

use super::footer::{ColumnNote, field_metadata};
use crate::emit::flat::FlatColumn;
use crate::lower::{Value, Values};
use crate::model::{About, Role};

/// The points of a flat table.
pub struct Points {
    /// The column's name.
    pub name: String,
    /// Index of the column of degrees east, among the flat columns.
    longitude: usize,
    /// Index of the column of degrees north.
    latitude: usize,
}

/// West, south, east and north of some points.
pub type Bounds = [f64; 4];

/// The bounds of all points of two sets.
pub fn join(one: Option<Bounds>, other: Option<Bounds>) -> Option<Bounds> {
    let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
    Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// Bytes of a point in well-known binary: byte order, type, two doubles.
const POINT_BYTES: usize = 1 + 4 + 8 + 8;

/// Little endian, point.
const POINT_HEAD: [u8; 5] = [1, 1, 0, 0, 0];

impl Points {
    /// The points of a table that has the columns for them: the first of each role.
    pub fn find(columns: &[FlatColumn]) -> Option<Self> {
        let find = |role| {
            // Only numbers can have these roles.
            columns.iter().position(|column| column.roles.has(role))
        };
        let mut name = "geometry".to_owned();
        while columns.iter().any(|column| column.name == name) {
            name.push('_');
        }
        Some(Self { name, longitude: find(Role::Longitude)?, latitude: find(Role::Latitude)? })
    }

    /// The column of the points.
    pub fn field(&self, id: i32) -> Field {
        let metadata = field_metadata(id, &about());
        Field::new(&self.name, DataType::Binary, true).with_metadata(metadata)
    }

    /// What a codebook says of it.
    pub fn note(&self) -> ColumnNote {
        ColumnNote::plain(&about())
    }

    /// The points of a batch, none where either degree is missing, and their bounds. `column` gives the
    /// flat columns.
    pub fn array<'a>(&self, column: impl Fn(usize) -> &'a ArrayRef) -> (ArrayRef, Option<Bounds>) {
        let mut bounds = None;
        let longitudes = Values::new(column(self.longitude));
        let latitudes = Values::new(column(self.latitude));
        let len = column(self.longitude).len();
        let mut points = BinaryBuilder::with_capacity(len, len * POINT_BYTES);
        for row in 0..len {
            let (Some(Value::Number(longitude)), Some(Value::Number(latitude))) =
                (longitudes.get(row), latitudes.get(row))
            else {
                points.append_null();
                continue;
            };
            let mut point = [0; POINT_BYTES];
            point[..5].copy_from_slice(&POINT_HEAD);
            point[5..13].copy_from_slice(&longitude.to_le_bytes());
            point[13..].copy_from_slice(&latitude.to_le_bytes());
            points.append_value(point);
            bounds = join(bounds, Some([longitude, latitude, longitude, latitude]));
        }
        (Arc::new(points.finish()), bounds)
    }

    /// The footer key `geo`. Without a `crs` it means longitude and latitude on WGS 84.
    pub fn footer(&self, bounds: Option<Bounds>) -> String {
        #[derive(Serialize)]
        struct Geo<'a> {
            version: &'static str,
            primary_column: &'a str,
            columns: std::collections::BTreeMap<&'a str, GeoColumn>,
        }
        #[derive(Serialize)]
        struct GeoColumn {
            encoding: &'static str,
            geometry_types: [&'static str; 1],
            #[serde(skip_serializing_if = "Option::is_none")]
            bbox: Option<[f64; 4]>,
        }
        let column = GeoColumn { encoding: "WKB", geometry_types: ["Point"], bbox: bounds };
        let geo = Geo {
            version: "1.1.0",
            primary_column: &self.name,
            columns: [(self.name.as_str(), column)].into(),
        };
        serde_json::to_string(&geo).expect("texts and finite numbers are JSON")
    }
}

fn about() -> About {
    About {
        title: "Geometry".to_owned(),
        label: "Geometry".to_owned(),
        description: "The point at the row's longitude and latitude (WGS 84), in well-known \
                      binary."
            .to_owned(),
        ..About::default()
    }
}
