use sanctuary_rpc::now;
use sanctuary_staff::SessionToken;
use serde_json::{Value, json};

use crate::{ExportRequest, Node};

/// Gives what the person of a session may take to another program; else one sentence why not.
pub(super) fn perform(
    node: &Node,
    session: &SessionToken,
    request: &ExportRequest,
) -> Result<Value, String> {
    let by = node.staff().actor_of(session, now());
    let by = by.map_err(|error| error.to_string())?;
    let files = node
        .export(&by, request)
        .map_err(|fault| fault.to_string())?;
    Ok(json!(files))
}
