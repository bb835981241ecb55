//! Holds a distributed key generation among the key holders, as an officer: carries messages
//! between them and learns nothing, since what is secret is sealed from holder to holder.

use futures::future::try_join_all;
use sanctuary_rpc::{Identity, RosterWatch, connect, endpoint_of};
use sanctuary_trust::DkgResult;
use sanctuary_types::{Epoch, KeyClass, PartyId};
use sanctuary_wire::keyholder::{
    CeremonyEchoSet, CeremonyMember, CeremonyResult, CeremonyRound1Set, CeremonyRound2Set,
    CeremonyStart, ceremony_client::CeremonyClient,
};
use tonic::transport::Channel;

use crate::Failure;

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Class of the key.
    pub class: KeyClass,
    /// Its epoch.
    pub epoch: Epoch,
    /// Holders needed, t.
    pub threshold: u16,
    /// The holders in the order of their share indices.
    pub holders: Vec<PartyId>,
}

/// Runs all four rounds and returns what each holder signed, in the order of indices. `told` hears
/// of each step for the screen.
///
/// # Errors
/// [`Failure`] naming the holder that could not be reached or refused; then nothing is in force,
/// and the ceremony can be held again.
pub async fn hold(
    wanted: &Wanted,
    officer: &Identity,
    roster: &RosterWatch,
    told: impl Fn(&str),
) -> Result<Vec<DkgResult>, Failure> {
    told("connecting to the key holders");
    let holders = reach_all(&wanted.holders, officer, roster).await?;
    told("round 1: commitments");
    let start = start_message(wanted, roster)?;
    let packages = each(&holders, |mut holder| {
        let start = start.clone();
        async move {
            holder
                .client
                .start(start)
                .await
                .map(tonic::Response::into_inner)
                .map_err(|e| holder.refused(&e))
        }
    })
    .await?;
    let ceremony_id = packages
        .first()
        .map(|p| p.ceremony_id.clone())
        .ok_or_else(|| Failure::usage("there are no key holders"))?;
    if packages.iter().any(|p| p.ceremony_id != ceremony_id) {
        return Err(Failure::failed(
            "the key holders do not speak of the same ceremony; check that they run the same version",
        ));
    }
    told("round 1: every holder compares what it heard");
    let set = CeremonyRound1Set {
        ceremony_id: ceremony_id.clone(),
        packages,
    };
    let echoes = each(&holders, |mut holder| {
        let set = set.clone();
        async move {
            holder
                .client
                .echo(set)
                .await
                .map(tonic::Response::into_inner)
                .map_err(|e| holder.refused(&e))
        }
    })
    .await?;
    told("round 2: sealed packages");
    let set = CeremonyEchoSet {
        ceremony_id: ceremony_id.clone(),
        echoes,
    };
    let dealt = each(&holders, |mut holder| {
        let set = set.clone();
        async move {
            holder
                .client
                .deal(set)
                .await
                .map(tonic::Response::into_inner)
                .map_err(|e| holder.refused(&e))
        }
    })
    .await?;
    let sealed: Vec<_> = dealt.into_iter().flat_map(|d| d.packages).collect();
    told("every holder checks and keeps its share");
    let results = each(&holders, |mut holder| {
        let set = CeremonyRound2Set {
            ceremony_id: ceremony_id.clone(),
            packages: sealed
                .iter()
                .filter(|p| p.to == holder.index)
                .cloned()
                .collect(),
        };
        async move {
            let result = holder
                .client
                .finish(set)
                .await
                .map_err(|e| holder.refused(&e))?;
            holder.read(result.into_inner())
        }
    })
    .await?;
    Ok(results)
}

/// One holder in a ceremony.
#[derive(Clone)]
struct Holder {
    id: PartyId,
    index: u32,
    client: CeremonyClient<Channel>,
}

impl Holder {
    fn refused(&self, status: &tonic::Status) -> Failure {
        Failure::refused(&self.id, status)
    }

    fn read(&self, result: CeremonyResult) -> Result<DkgResult, Failure> {
        let malformed = || Failure::failed(format!("{} sent a malformed result", self.id));
        if result.index != self.index {
            return Err(malformed());
        }
        Ok(DkgResult {
            ceremony_id: array(&result.ceremony_id).ok_or_else(malformed)?,
            index: u16::try_from(result.index).map_err(|_| malformed())?,
            group_key: array(&result.group_key).ok_or_else(malformed)?,
            share_keys: result
                .share_keys
                .iter()
                .map(|key| array(key).ok_or_else(malformed))
                .collect::<Result<_, _>>()?,
            transcript_sha256: array(&result.transcript_sha256).ok_or_else(malformed)?,
            signature: array(&result.signature).ok_or_else(malformed)?,
        })
    }
}

async fn reach_all(
    ids: &[PartyId],
    officer: &Identity,
    roster: &RosterWatch,
) -> Result<Vec<Holder>, Failure> {
    try_join_all((1u32..).zip(ids).map(|(index, id)| async move {
        let channel = connect(&endpoint_of(roster, id)?, id, officer, roster).await?;
        Ok(Holder {
            id: id.clone(),
            index,
            client: CeremonyClient::new(channel),
        })
    }))
    .await
}

/// Asks all holders at once; answers in the order of indices.
async fn each<T, F>(holders: &[Holder], ask: impl Fn(Holder) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    try_join_all(holders.iter().cloned().map(ask)).await
}

fn start_message(wanted: &Wanted, roster: &RosterWatch) -> Result<CeremonyStart, Failure> {
    let members = (1u32..)
        .zip(&wanted.holders)
        .map(|(index, id)| {
            let sealing_key = roster.party(id)?.sealing_key.unwrap_or_default();
            Ok(CeremonyMember {
                holder: id.to_string(),
                index,
                sealing_key: sealing_key.to_vec().into(),
            })
        })
        .collect::<Result<_, Failure>>()?;
    Ok(CeremonyStart {
        key_class: wanted.class.code().into(),
        epoch: wanted.epoch.0,
        threshold: wanted.threshold.into(),
        members,
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
