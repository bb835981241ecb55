//! Every call and its act. The enum comes from proto/ at build time and the match below has no
//! wildcard: an RPC without a row does not compile.

use sanctuary_trust::PartyKind;

use crate::Action;

include!(concat!(env!("OUT_DIR"), "/rpc.rs"));

impl Rpc {
    /// The act that this call is.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::AlertsWatch => Action::ReadAlerts,
            Self::AlertsDecide => Action::DecideAlert,
            Self::CeremonyStart
            | Self::CeremonyEcho
            | Self::CeremonyDeal
            | Self::CeremonyFinish => Action::RunCeremony,
            Self::ComparisonsTake | Self::ComparisonsPut => Action::CompareRecords,
            Self::DisclosuresSend | Self::DisclosuresTake | Self::DisclosuresAcknowledge => {
                Action::CarryEnvelope
            }
            Self::DisclosuresShared => Action::ProveMatch,
            Self::DisclosuresAnnounceKey | Self::DisclosuresKeys => Action::ExchangeKeys,
            Self::DisclosuresTick => Action::TickCase,
            Self::LedgerAppend => Action::AppendLedger,
            Self::LedgerCheckpoint
            | Self::LedgerResource
            | Self::LedgerHistory
            | Self::KeyHolderCheckpoints => Action::VerifyLedger,
            Self::LedgerProve | Self::LedgerEntries => Action::ReadLedger,
            Self::LedgerNextCheckpoint | Self::LedgerAddCosignature => Action::CosignLedger,
            Self::DirectoryPutAgreement => Action::PutAgreement,
            Self::DirectoryAgreement => Action::ReadAgreement,
            Self::DirectoryStatus => Action::ReadStatus,
            Self::StatisticsWanted | Self::StatisticsHandIn => Action::HandInCounts,
            Self::StatisticsPreview | Self::StatisticsRelease | Self::StatisticsVerify => {
                Action::ReleaseFigures
            }
            Self::StatisticsPublished => Action::ReadFigures,
            Self::IngestPush => Action::PushPostings,
            Self::KeyHolderEvaluate => Action::EvaluateTokens,
            Self::KeyHolderQuota => Action::ReadQuota,
        }
    }

    /// Whether a party of `kind` may make this call.
    #[must_use]
    pub fn permits(self, kind: PartyKind) -> bool {
        self.action().permits_party(kind)
    }

    /// The call of a path on the wire.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rpc| rpc.path() == path)
    }
}
