use sanctuary_rpc::now;
use sanctuary_staff::SessionToken;
use serde_json::Value;

use crate::{Node, RecordsRequest};

/// Does what the person of a session asks of own records; else one sentence why not.
pub(super) fn perform(
    node: &Node,
    session: &SessionToken,
    request: &RecordsRequest,
) -> Result<Value, String> {
    let by = node.staff().actor_of(session, now());
    let by = by.map_err(|error| error.to_string())?;
    let done = node.records_request(&by, request);
    done.map_err(|fault| fault.to_string())
}
