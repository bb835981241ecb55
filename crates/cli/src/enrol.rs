use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use rand::{rand_core::UnwrapErr, rngs::SysRng};
use sanctuary_rpc::now;
use sanctuary_trust::{
    Leaf, LeafNames, PartyKind, SealingKey, SigningKey,
    enrol::{ApplicantKeys, Approval, INVITATION_HOURS, Invitation, InvitationRecord, Request},
    files::{
        IdentityFiles, Layout, SMALL_FILE_BYTES_MAX, load_anchors, load_authority, read_limited,
        read_secret, write_chain, write_new_keys, write_public, write_secret,
    },
};
use sanctuary_types::{PartyId, Timestamp};
use serde_json::json;

use crate::{
    Failure,
    output::{Output, utc},
    roster,
    whoami::load_trusted,
};

#[derive(Subcommand)]
pub(crate) enum Enrol {
    /// Officer: make a one-time invitation for a new member
    #[command(
        after_help = "Example:\n  sanctuary enrol invite --dir pilot --party refuge --kind agency --out refuge-invitation.json\n\nHand the file over out of band, and read the fingerprint aloud by telephone."
    )]
    Invite {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Name of the new member
        #[arg(long)]
        party: PartyId,
        /// What it will do
        #[arg(long)]
        kind: Kind,
        /// Hours the invitation holds
        #[arg(long, default_value_t = INVITATION_HOURS)]
        hours: u32,
        /// File for the new member; a secret
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// New member: make keys and ask to be enrolled
    #[command(
        after_help = "Example:\n  sanctuary enrol request --invitation refuge-invitation.json --anchors anchors.json --identity refuge --name \"Refuge East\" --out refuge-request.json"
    )]
    Request(RequestArgs),
    /// Registrar: check a request, issue the certificate and propose the new roster
    #[command(
        after_help = "Example:\n  sanctuary enrol approve --dir pilot --request refuge-request.json --out refuge-approval.json\n  sanctuary enrol approve --dir pilot --request refuge-request.json --out refuge-approval.json --fingerprint \"1f2e 3d4c ...\"\n\nWithout --fingerprint it only shows what would be approved."
    )]
    Approve(ApproveArgs),
    /// New member: check the approval and put the certificate in place
    #[command(
        after_help = "Example:\n  sanctuary enrol accept --invitation refuge-invitation.json --anchors anchors.json --identity refuge --request refuge-request.json --approval refuge-approval.json"
    )]
    Accept {
        /// The invitation
        #[arg(long, value_name = "FILE")]
        invitation: PathBuf,
        /// The anchors file
        #[arg(long, value_name = "FILE")]
        anchors: PathBuf,
        /// The identity directory
        #[arg(long, value_name = "DIR")]
        identity: PathBuf,
        /// The request that was sent
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        /// The registrar's answer
        #[arg(long, value_name = "FILE")]
        approval: PathBuf,
    },
    /// Registrar: issue the next certificate of a member for the same key
    #[command(
        after_help = "Example:\n  sanctuary enrol renew --dir pilot --party police\n\nWrites tls.pem of the identity directory anew; running programs take it up within a second."
    )]
    Renew {
        /// Directory of the partnership
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The member
        #[arg(long)]
        party: PartyId,
        /// Its identity directory, or one that holds a copy of its tls.pem; the default is DIR/PARTY
        #[arg(long, value_name = "DIR")]
        identity: Option<PathBuf>,
        #[command(flatten)]
        names: Names,
    },
}

/// A kind of party on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    Hub,
    KeyHolder,
    Agency,
    Officer,
}

impl From<Kind> for PartyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Hub => Self::Hub,
            Kind::KeyHolder => Self::KeyHolder,
            Kind::Agency => Self::Agency,
            Kind::Officer => Self::Officer,
        }
    }
}

#[derive(Args)]
pub(crate) struct RequestArgs {
    /// The invitation
    #[arg(long, value_name = "FILE")]
    invitation: PathBuf,
    /// The anchors file, after its fingerprint was compared by telephone
    #[arg(long, value_name = "FILE")]
    anchors: PathBuf,
    /// Directory for the new keys; they never leave it
    #[arg(long, value_name = "DIR")]
    identity: PathBuf,
    /// The organisation's name, for people
    #[arg(long)]
    name: String,
    /// Address (host:port) under which the hub or a key holder is reached
    #[arg(long, value_name = "HOST:PORT")]
    endpoint: Option<String>,
    /// File to send to the registrar
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct ApproveArgs {
    /// Directory of the partnership, with the authority in DIR/ca
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// The request
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// The request's fingerprint as the applicant read it aloud
    #[arg(long, value_name = "TEXT")]
    fingerprint: Option<String>,
    #[command(flatten)]
    names: Names,
    /// The officers who sign the new roster at once; their keys must be in DIR
    #[arg(long = "as", value_name = "OFFICERS", value_delimiter = ',')]
    officers: Vec<PartyId>,
    /// File to send back
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args, Clone)]
pub(crate) struct Names {
    /// Further DNS names of the certificate
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    dns: Vec<String>,
    /// Addresses of the certificate
    #[arg(long, value_name = "ADDRESSES", value_delimiter = ',')]
    ip: Vec<IpAddr>,
}

impl From<Names> for LeafNames {
    fn from(names: Names) -> Self {
        Self {
            dns: names.dns,
            ip: names.ip,
        }
    }
}

pub(crate) fn run(command: Enrol, output: &Output) -> Result<(), Failure> {
    match command {
        Enrol::Invite {
            dir,
            party,
            kind,
            hours,
            out,
        } => invite(&Layout(dir), party, kind.into(), hours, &out, output),
        Enrol::Request(args) => request(&args, output),
        Enrol::Approve(args) => approve(args, output),
        Enrol::Accept {
            invitation,
            anchors,
            identity,
            request,
            approval,
        } => {
            let anchors = load_anchors(&anchors)?;
            let invitation = Invitation::from_json(&read_secret(&invitation)?)?;
            let request = Request::from_json(&read_limited(&request, SMALL_FILE_BYTES_MAX)?)?;
            let approval = Approval::from_json(&read_limited(&approval, SMALL_FILE_BYTES_MAX)?)?;
            let (party, chain) = approval.check(&invitation, &request, &anchors)?;
            let keys = IdentityFiles::load_keys(&identity)?;
            if keys.signing.public() != party.signing_key {
                return Err(Failure::usage(
                    "the identity directory holds other keys than the request; give the right one",
                ));
            }
            write_chain(&identity, chain)?;
            output.result(
                &format!(
                    "{} is enrolled once the officers have signed the new roster",
                    party.id
                ),
                &json!({"party": party.id, "identity": identity}),
            )
        }
        Enrol::Renew {
            dir,
            party,
            identity,
            names,
        } => renew(&Layout(dir), &party, identity, names, output),
    }
}

fn invite(
    layout: &Layout,
    party: PartyId,
    kind: PartyKind,
    hours: u32,
    out: &std::path::Path,
    output: &Output,
) -> Result<(), Failure> {
    let (anchors, roster) = load_trusted(layout)?;
    if roster.party(&party).is_some() {
        return Err(Failure::usage(format!(
            "{party} is on the roster already; remove it first or choose another name"
        )));
    }
    let mut rng = UnwrapErr(SysRng);
    let (invitation, record) = Invitation::new(party, kind, &anchors, now(), hours, &mut rng)?;
    write_secret(&record_path(layout, invitation.party()), &record.to_json())?;
    write_secret(out, &invitation.to_json())?;
    let fingerprint = anchors.fingerprint().to_string();
    output.result(
        &format!(
            "Hand {} to {} out of band, before {}.\nFingerprint of anchors.json, to read aloud: {fingerprint}",
            out.display(),
            invitation.party(),
            utc(invitation.expires())
        ),
        &json!({
            "party": invitation.party(),
            "file": out,
            "expires_ms": invitation.expires(),
            "anchors_fingerprint": fingerprint,
        }),
    )
}

fn request(args: &RequestArgs, output: &Output) -> Result<(), Failure> {
    let anchors = load_anchors(&args.anchors)?;
    let invitation = Invitation::from_json(&read_secret(&args.invitation)?)?;
    let mut rng = UnwrapErr(SysRng);
    let tls_key = SigningKey::generate(&mut rng)?.to_pkcs8();
    let signing = SigningKey::generate(&mut rng)?;
    let sealing =
        (invitation.kind() == PartyKind::KeyHolder).then(|| SealingKey::generate(&mut rng));
    let keys = ApplicantKeys {
        tls_key: &tls_key,
        signing: &signing,
        sealing: sealing.as_ref(),
    };
    let request = Request::new(
        &invitation,
        &anchors,
        keys,
        &args.name,
        args.endpoint.as_deref(),
    )?;
    write_new_keys(&args.identity, &tls_key, &signing, sealing.as_ref())?;
    write_public(&args.out, &request.to_json())?;
    let fingerprint = request.fingerprint(&anchors).to_string();
    output.result(
        &format!(
            "Send {} to the registrar and read this fingerprint aloud by telephone: {fingerprint}",
            args.out.display()
        ),
        &json!({"party": request.party(), "file": args.out, "fingerprint": fingerprint}),
    )
}

fn approve(args: ApproveArgs, output: &Output) -> Result<(), Failure> {
    let layout = Layout(args.dir);
    let (anchors, roster) = load_trusted(&layout)?;
    let request = Request::from_json(&read_limited(&args.request, SMALL_FILE_BYTES_MAX)?)?;
    let path = record_path(&layout, request.party());
    let mut record = InvitationRecord::from_json(&read_secret(&path)?)?;
    let fingerprint = request.fingerprint(&anchors).to_string();
    let Some(read_aloud) = args.fingerprint else {
        let kind = request.kind().label();
        return Err(Failure::usage(format!(
            "{} asks to be enrolled as {kind} with the fingerprint {fingerprint}; have it read aloud by telephone and give what you hear with --fingerprint",
            request.party()
        )));
    };
    if compact(&read_aloud) != compact(&fingerprint) {
        return Err(Failure::failed(
            "the fingerprint read aloud is not the request's; do not approve it, and make a new invitation",
        ));
    }
    let party = record.redeem(&request, &anchors, now())?;
    let mut rng = UnwrapErr(SysRng);
    let leaf = Leaf {
        names: args.names.into(),
        ..Leaf::new(party.id.clone(), party.kind, clock_slack())
    };
    let authority = load_authority(&layout.authority())?;
    let certificate = authority.issue(request.certificate_request(), &leaf, &mut rng)?;
    // Used up first: a crash after this costs a new invitation, never a second member.
    write_secret(&path, &record.to_json())?;
    let approval = Approval::new(
        &record,
        &request,
        &anchors,
        party.clone(),
        vec![certificate],
    )?;
    write_public(&args.out, &approval.to_json())?;
    roster::propose(
        &layout,
        &anchors,
        roster.with(party, now())?,
        &args.officers,
        output,
    )
}

fn renew(
    layout: &Layout,
    id: &PartyId,
    identity: Option<PathBuf>,
    names: Names,
    output: &Output,
) -> Result<(), Failure> {
    let (_, roster) = load_trusted(layout)?;
    let party = roster
        .party(id)
        .ok_or_else(|| Failure::usage(format!("{id} is not on the roster; invite it first")))?;
    let dir = identity.unwrap_or_else(|| layout.party(id.as_str()));
    let current = IdentityFiles::load_chain(&dir)?;
    let leaf = Leaf {
        names: names.into(),
        ..Leaf::new(party.id.clone(), party.kind, clock_slack())
    };
    let authority = load_authority(&layout.authority())?;
    let renewed = authority.renew(&current[0], &leaf, &mut UnwrapErr(SysRng))?;
    if sanctuary_trust::spki_sha256(&renewed)? != party.spki_sha256 {
        return Err(Failure::failed(format!(
            "the certificate in {} is for another key than {id}'s on the roster; give the right one",
            dir.display()
        )));
    }
    let until = sanctuary_trust::validity(&renewed)?.not_after;
    write_chain(&dir, &[renewed])?;
    output.result(
        &format!(
            "{}: renewed until {}",
            dir.join("tls.pem").display(),
            utc(until)
        ),
        &json!({"party": id, "not_after_ms": until}),
    )
}

fn record_path(layout: &Layout, party: &PartyId) -> PathBuf {
    layout.0.join("invitations").join(format!("{party}.json"))
}

/// Certificates begin an hour early, for clocks that are behind.
fn clock_slack() -> Timestamp {
    Timestamp(now().0.saturating_sub(3_600_000))
}

fn compact(fingerprint: &str) -> String {
    fingerprint
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}
