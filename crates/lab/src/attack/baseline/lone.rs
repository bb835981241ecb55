//! Lone hashed fields, as many exchanges of data still send them: one hash of each field, the field
//! in the clear, all hashes of a record together. With SHA-256 or with HMAC under one shared key
//! makes no difference to alignment: equal values stay equal.

use std::collections::HashMap;

use sanctuary_types::KeyClass;
use zeroize::Zeroizing;

use crate::attack::plaintext::{Fields, Plaintext, Row, RowToken, Value};

/// Labels of the fields, apart from those of token kinds.
const FIRST_NAME: u8 = 201;
const LAST_NAME: u8 = 202;
const BIRTH: u8 = 203;
const PLACE: u8 = 204;
const SEX: u8 = 205;

/// The same rows with a token for each field.
#[must_use]
pub fn lone_fields(plain: &Plaintext) -> Plaintext {
    let mut lone = Plaintext {
        agencies: plain.agencies.clone(),
        ..Plaintext::default()
    };
    let mut numbers: HashMap<(u8, String), u32> = HashMap::new();
    for row in &plain.rows {
        let tokens = fields(&row.fields)
            .into_iter()
            .map(|(kind, value)| RowToken {
                value: *numbers
                    .entry((kind, value))
                    .or_insert_with_key(|(kind, value)| {
                        let input = [&[*kind], value.as_bytes()].concat();
                        lone.values.push(Value {
                            class: KeyClass::Person,
                            input: Zeroizing::new(input),
                        });
                        lone.values.len() as u32 - 1
                    }),
                label: [kind, 0, 0, 0],
            })
            .collect();
        lone.rows.push(Row {
            agency: row.agency,
            batch: row.batch,
            card: row.card,
            tokens,
            fields: row.fields.clone(),
        });
    }
    lone
}

fn fields(row: &Fields) -> Vec<(u8, String)> {
    let mut all = Vec::new();
    let mut put = |kind, value: Option<&String>| all.extend(value.map(|v| (kind, v.clone())));
    put(FIRST_NAME, row.names.first());
    put(LAST_NAME, row.names.get(1));
    put(BIRTH, row.birth.as_ref());
    put(PLACE, row.place.as_ref());
    put(SEX, row.sex.as_ref());
    all
}
