//! The released report as a document: read here, printed or exported under count.

use sanctuary_disclosure::{Actor, Report, Side, html, pdf, pole};
use sanctuary_ledger::EntryKind;
use sanctuary_policy::Action;
use sanctuary_types::{CaseId, PartyId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Casework, CaseworkError, Change, Shelf, codec,
    file::{Loaded, numbered},
};

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A page for reading on the screen of this node; no copy.
    Html,
    /// The same page as a file: a copy.
    HtmlFile,
    /// For printing: a copy.
    Pdf,
    /// Data on POLE names, JSON: a copy.
    Pole,
}

/// A copy that was printed or exported from this node, to be destroyed with the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// Its number in the case, from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who, by staff number.
    pub by: String,
    /// In which form.
    pub format: Format,
    /// Which release.
    pub release: u32,
}

/// A rendered report.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// A name without anything about the person.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Document({}, {} bytes, <redacted>)",
            self.file_name,
            self.bytes.len()
        )
    }
}

impl Casework<'_> {
    /// The released report. At the owner it is the proposed or released one, to be read before approving.
    ///
    /// # Errors
    /// [`CaseworkError::NothingReleased`], [`CaseworkError::TakenBack`], [`CaseworkError::NeedsRole`].
    pub fn release(
        &self,
        id: &CaseId,
        format: Format,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Document, CaseworkError> {
        let mut file = self.case_of(id)?;
        let action = match (file.head.side, format) {
            (Side::Owner, _) => Action::ReadRequest,
            (Side::Requester, Format::Html) => Action::ReadRelease,
            (Side::Requester, _) => Action::ExportRelease,
        };
        Self::need(by, action)?;
        let report = report_of(&file)?.clone();
        let document = render(&report, format)?;
        let about = json!({ "case": id, "release": report.number, "format": format });
        let is_copy = file.head.side == Side::Requester && format != Format::Html;
        let kind = if is_copy {
            EntryKind::Disclose
        } else {
            EntryKind::Consult
        };
        self.log(kind, Some(action), Some(by), &[], &about)?;
        if is_copy {
            file.head.exported += 1;
            let copy = Copy {
                number: file.head.exported,
                at: now,
                by: by.person.as_str().to_owned(),
                format,
                release: report.number,
            };
            let key = numbered(id, copy.number);
            self.ports.store.commit(vec![
                Change::add(Shelf::Copy, key, codec::json(&copy)),
                Change::put(Shelf::Case, id.0, codec::json(&file.head)),
            ])?;
        }
        Ok(document)
    }

    /// Which recipient, case and release a code found on paper belongs to.
    ///
    /// # Errors
    /// [`CaseworkError`]; `None` when it is none of this agency's.
    pub fn trace(
        &self,
        code: &str,
        by: &Actor,
    ) -> Result<Option<(PartyId, CaseId, u32)>, CaseworkError> {
        self.reading(by, Action::ExportEvidence, &json!({ "trace": true }))?;
        let key = self.known_watermark_key()?;
        let cases = self.load_all()?;
        let own = cases.iter().filter(|f| f.head.side == Side::Owner);
        let releases = own
            .flat_map(|file| (1..=file.case.releases()).map(|n| (&file.head.other, file.id(), n)));
        let found = sanctuary_disclosure::Watermark::trace(&key, code, releases);
        Ok(found.map(|(recipient, case, release)| (recipient.clone(), case, release)))
    }
}

fn report_of(file: &Loaded) -> Result<&Report, CaseworkError> {
    let released = file.case.answer().and_then(|a| a.released.as_ref());
    let released = released.and_then(|r| r.report.as_ref());
    let report = match file.head.side {
        Side::Requester => {
            if file.head.emptied || (file.case.releases() > 0 && file.case.live().is_none()) {
                return Err(CaseworkError::TakenBack);
            }
            released
        }
        Side::Owner => file
            .case
            .proposal()
            .and_then(|p| p.report.as_ref())
            .or(released),
    };
    report.ok_or(CaseworkError::NothingReleased)
}

fn render(report: &Report, format: Format) -> Result<Document, CaseworkError> {
    let name = |ending: &str| {
        let case: String = report.case.to_string().chars().take(8).collect();
        format!("release-{case}-{}.{ending}", report.number)
    };
    Ok(match format {
        Format::Html | Format::HtmlFile => Document {
            bytes: html(report).into_bytes(),
            file_name: name("html"),
            media_type: "text/html",
        },
        Format::Pdf => Document {
            bytes: pdf(report)?,
            file_name: name("pdf"),
            media_type: "application/pdf",
        },
        Format::Pole => Document {
            bytes: codec::json(&pole(report)),
            file_name: name("json"),
            media_type: "application/json",
        },
    })
}
