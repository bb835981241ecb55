use crate::{Purpose, Sector, words::words};

words!(
    /// The law that lets the owner disclose. An agreement picks from this list; it can add nothing.
    Gateway, "gateway", {
        /// Data Protection Act 2018, Schedule 2 Part 1 paragraph 2: lets, does not compel.
        CrimeAndTaxation = 1, "dpa_2018_sch2_para2", "Data Protection Act 2018, Schedule 2, paragraph 2 (crime and taxation)";
        /// Crime and Disorder Act 1998 s115: a power, not a duty.
        CrimeAndDisorder = 2, "crime_and_disorder_act_1998_s115", "Crime and Disorder Act 1998, section 115";
        /// Care Act 2014 s42: safeguarding enquiry.
        CareActEnquiry = 3, "care_act_2014_s42", "Care Act 2014, section 42 (safeguarding enquiry)";
        /// Care Act 2014 s45: supply of information to a Safeguarding Adults Board.
        CareActBoard = 4, "care_act_2014_s45", "Care Act 2014, section 45 (Safeguarding Adults Board)";
        /// Children Act 1989 s47: enquiry into significant harm.
        ChildEnquiry = 5, "children_act_1989_s47", "Children Act 1989, section 47 (child protection enquiry)";
        /// Children Act 2004 ss10 and 11: co-operation and welfare.
        ChildWelfare = 6, "children_act_2004_s11", "Children Act 2004, sections 10 and 11 (welfare of children)";
        /// Children Act 2004 s16LA: duty to share. Partnerships list it once it is in force.
        ChildDutyToShare = 7, "children_act_2004_s16la", "Children Act 2004, section 16LA (duty to share)";
        /// Police, Crime, Sentencing and Courts Act 2022 s44A: Victim Information Request.
        VictimInformationRequest = 8, "pcsc_act_2022_s44a", "Police, Crime, Sentencing and Courts Act 2022, section 44A (victim information request)";
        /// UK GDPR Article 6(1)(d); Data Protection Act 2018 Schedule 8 paragraph 3.
        VitalInterests = 9, "vital_interests", "vital interests of a person";
    }
);

impl Gateway {
    /// The purposes this law serves; an agreement may narrow them, not widen them.
    #[must_use]
    pub const fn purposes(self) -> &'static [Purpose] {
        use Purpose::{
            AvoidConflict, FindMissingPerson, InvestigateExploitation, ProtectLife, SafeguardAdult,
            SafeguardChild, SupportVictim,
        };
        match self {
            Self::CrimeAndTaxation => &[InvestigateExploitation, ProtectLife, AvoidConflict],
            Self::CrimeAndDisorder => &[
                InvestigateExploitation,
                SafeguardAdult,
                SafeguardChild,
                AvoidConflict,
                FindMissingPerson,
            ],
            Self::CareActEnquiry => &[SafeguardAdult, SupportVictim, FindMissingPerson],
            Self::CareActBoard => &[SafeguardAdult],
            Self::ChildEnquiry => &[SafeguardChild, FindMissingPerson],
            Self::ChildWelfare | Self::ChildDutyToShare => {
                &[SafeguardChild, FindMissingPerson, SupportVictim]
            }
            Self::VictimInformationRequest => &[InvestigateExploitation],
            Self::VitalInterests => &[
                ProtectLife,
                SafeguardAdult,
                SafeguardChild,
                FindMissingPerson,
                SupportVictim,
            ],
        }
    }

    /// The kinds of organisation that may ask under this law.
    #[must_use]
    pub const fn askers(self) -> &'static [Sector] {
        use Sector::{Charity, Council, Health, Police, Probation, SafeguardingBoard};
        match self {
            Self::CrimeAndTaxation => &[Police, Council],
            Self::CrimeAndDisorder => &[Police, Council, Health, Probation],
            Self::CareActEnquiry => &[Council],
            Self::CareActBoard => &[SafeguardingBoard],
            Self::ChildEnquiry => &[Council, Police],
            Self::ChildWelfare | Self::ChildDutyToShare => &[Council, Police, Health, Probation],
            Self::VictimInformationRequest => &[Police],
            Self::VitalInterests => &[
                Police,
                Council,
                Health,
                Probation,
                SafeguardingBoard,
                Charity,
            ],
        }
    }

    /// Whether the law is about children only.
    #[must_use]
    pub const fn is_for_children(self) -> bool {
        matches!(
            self,
            Self::ChildEnquiry | Self::ChildWelfare | Self::ChildDutyToShare
        )
    }
}
