use sanctuary_trust::Partnership;
use sanctuary_types::KeyClass;
use toml::{Table, Value};

/// One configuration file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonConfig {
    /// Path below the partnership directory.
    pub file: String,
    /// Content.
    pub toml: String,
}

/// A configuration file for each daemon of `partnership`, `<party>/<daemon>.toml`. Paths in it are
/// relative to the file's folder, so that the directory can be moved as a whole.
///
/// The samples in `deploy/config` show every key; here stand only those without a default.
#[must_use]
pub fn daemon_configs(partnership: &Partnership) -> Vec<DaemonConfig> {
    let mut configs = vec![config(&partnership.hub.party.id, "hub", hub(partnership))];
    for holder in &partnership.holders {
        let mut table = common(holder.party.id.as_str());
        listen(&mut table, holder.party.endpoint.as_deref());
        manifests(&mut table);
        configs.push(config(&holder.party.id, "keyholder", table));
    }
    for agency in &partnership.agencies {
        let mut table = common(agency.party.id.as_str());
        manifests(&mut table);
        configs.push(config(&agency.party.id, "node", table));
    }
    configs
}

fn hub(partnership: &Partnership) -> Table {
    let mut table = common(partnership.hub.party.id.as_str());
    listen(&mut table, partnership.hub.party.endpoint.as_deref());
    table.insert(
        "root_key".to_owned(),
        Value::String(format!("../{}-key/root.key", partnership.hub.party.id)),
    );
    table.insert("epoch".to_owned(), Value::Integer(1));
    table
}

/// What every daemon must be told.
fn common(party: &str) -> Table {
    let mut table = Table::new();
    for (key, value) in [
        ("party", party),
        ("data_dir", "data"),
        ("identity_dir", "."),
        ("anchors", "../anchors.json"),
        ("roster", "../roster.json"),
    ] {
        table.insert(key.to_owned(), Value::String(value.to_owned()));
    }
    table
}

fn listen(table: &mut Table, endpoint: Option<&str>) {
    // A daemon listens on a numeric address; behind a host name it listens on all.
    let address = endpoint
        .filter(|e| e.parse::<std::net::SocketAddr>().is_ok())
        .map(str::to_owned)
        .or_else(|| Some(format!("0.0.0.0:{}", endpoint?.rsplit_once(':')?.1)))
        .unwrap_or_default();
    table.insert("listen".to_owned(), Value::String(address));
}

fn manifests(table: &mut Table) {
    let files = KeyClass::ALL
        .iter()
        .map(|class| Value::String(format!("../manifest-{}.json", class.label())))
        .collect();
    table.insert("manifests".to_owned(), Value::Array(files));
}

fn config(party: &sanctuary_types::PartyId, daemon: &str, table: Table) -> DaemonConfig {
    let body = toml::to_string(&table).unwrap_or_default();
    DaemonConfig {
        file: format!("{party}/{daemon}.toml"),
        toml: format!(
            "# Written by `sanctuary init partnership`. Paths are relative to this file's folder.\n{body}"
        ),
    }
}
