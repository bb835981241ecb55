use crate::words::words;

words!(
    /// One detail that may be asked for. There is no "everything" and no immigration status.
    Field, "detail", {
        /// Whom to phone: the first answer to every confirmed match.
        Contact = 1, "contact", "who to phone";
        /// That the agency works with the person, in what capacity, since when.
        Involvement = 2, "involvement", "the agency's involvement";
        /// Names.
        Name = 3, "name", "name";
        /// Other names used.
        Aliases = 4, "aliases", "other names used";
        /// Date of birth.
        DateOfBirth = 5, "date_of_birth", "date of birth";
        /// Sex.
        Sex = 6, "sex", "sex";
        /// Nationality, where it is needed to identify or support the person.
        Nationality = 7, "nationality", "nationality";
        /// Telephone numbers.
        Phone = 8, "phone", "telephone number";
        /// E-mail addresses and online accounts.
        OnlineContact = 9, "online_contact", "e-mail and online accounts";
        /// Vehicles.
        Vehicle = 10, "vehicle", "vehicle";
        /// Numbers of identity documents.
        Document = 11, "document", "identity document";
        /// Bank accounts.
        BankAccount = 12, "bank_account", "bank account";
        /// Risk to the person or others.
        Risk = 13, "risk", "risk summary";
        /// Kind of exploitation, when and where in general.
        Exploitation = 14, "exploitation", "kind of exploitation";
        /// What happened.
        Incident = 15, "incident", "incident summary";
        /// Intelligence about alleged perpetrators.
        Intelligence = 16, "intelligence", "intelligence about alleged perpetrators";
        /// People around the person.
        Associates = 17, "associates", "associates";
        /// Care and support needs.
        SupportNeeds = 18, "support_needs", "support needs";
        /// What the person said about sharing.
        Views = 19, "views", "the person's views on sharing";
        /// Health.
        Health = 20, "health", "health summary";
        /// Counselling records: presumption against (PCSC Act 2022 s44A; Code in force 12 January 2026).
        Counselling = 21, "counselling", "counselling record";
        /// Home address.
        Address = 22, "address", "address";
        /// Where the person is now or will be.
        Location = 23, "location", "whereabouts";
        /// Refuge or safe accommodation.
        Refuge = 24, "refuge", "refuge or safe accommodation";
    }
);

/// Details of one kind. Asking for all of a kind is asking for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldGroup {
    /// Who to phone and whether the agency is involved.
    Pointer,
    /// Who the person is.
    Identity,
    /// How the person is reached or paid, what they drive.
    Trace,
    /// What happened and who is dangerous.
    Narrative,
    /// Care.
    Care,
    /// Where the person is.
    Whereabouts,
}

impl Field {
    /// Withheld unless a named reason, a second approver and the reach guard say otherwise: where
    /// somebody can be found. Seven reprimands of 2022-23 were such a detail reaching an abuser.
    #[must_use]
    pub const fn is_shielded(self) -> bool {
        matches!(self, Self::Address | Self::Location | Self::Refuge)
    }

    /// The kind of detail.
    #[must_use]
    pub const fn group(self) -> FieldGroup {
        match self {
            Self::Contact | Self::Involvement => FieldGroup::Pointer,
            Self::Name | Self::Aliases | Self::DateOfBirth | Self::Sex | Self::Nationality => {
                FieldGroup::Identity
            }
            Self::Phone
            | Self::OnlineContact
            | Self::Vehicle
            | Self::Document
            | Self::BankAccount => FieldGroup::Trace,
            Self::Risk
            | Self::Exploitation
            | Self::Incident
            | Self::Intelligence
            | Self::Associates => FieldGroup::Narrative,
            Self::SupportNeeds | Self::Views | Self::Health | Self::Counselling => FieldGroup::Care,
            Self::Address | Self::Location | Self::Refuge => FieldGroup::Whereabouts,
        }
    }
}

impl FieldGroup {
    /// What people read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Pointer => "who is involved",
            Self::Identity => "identity",
            Self::Trace => "telephones, accounts, vehicles and documents",
            Self::Narrative => "what happened",
            Self::Care => "care and health",
            Self::Whereabouts => "whereabouts",
        }
    }

    /// The details of this kind.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL
            .iter()
            .copied()
            .filter(move |f| f.group() == self)
    }
}
