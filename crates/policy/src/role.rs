use crate::words::words;

words!(
    /// What a member of staff may be at an agency. One person may have several; the rules that
    /// separate duties compare persons, not roles.
    StaffRole, "staff role", {
        /// Looks at alerts and decides whether they are one person.
        Analyst = 1, "analyst", "analyst";
        /// Asks: the police intelligence officer, or the caseworker at a council or charity.
        IntelligenceOfficer = 2, "intelligence_officer", "intelligence officer or caseworker";
        /// Inspector or equivalent: authorises what the agency asks; reviews refusals of others.
        Authoriser = 3, "authoriser", "authoriser (inspector or equivalent)";
        /// Decides what the agency answers.
        Releaser = 4, "releaser", "releaser";
        /// The second person without whom no answer leaves.
        SecondApprover = 5, "second_approver", "second approver";
        /// Sees the log and stops releases.
        DataProtectionOfficer = 6, "data_protection_officer", "data protection officer";
        /// Runs the node; sees no records.
        Administrator = 7, "administrator", "administrator";
    }
);

words!(
    /// What kind of organisation a party is. Immigration enforcement bodies have no word here.
    Sector, "sector", {
        /// Police force.
        Police = 1, "police", "police";
        /// Council: adult or children's services, housing, community safety.
        Council = 2, "council", "council";
        /// Safeguarding adults board or children's partnership.
        SafeguardingBoard = 3, "safeguarding_board", "safeguarding board";
        /// NHS body.
        Health = 4, "health", "health service";
        /// Probation service.
        Probation = 5, "probation", "probation service";
        /// Victim-care charity.
        Charity = 6, "charity", "victim-care charity";
    }
);

words!(
    /// Whom to phone at an agency, by function; the agency keeps the number current.
    ContactRole, "contact", {
        /// The agency's champion for modern slavery.
        SinglePointOfContact = 1, "single_point_of_contact", "single point of contact";
        /// The worker on the case.
        CaseWorker = 2, "case_worker", "case worker";
        /// Duty safeguarding lead.
        SafeguardingLead = 3, "safeguarding_lead", "duty safeguarding lead";
        /// Duty intelligence manager.
        IntelligenceManager = 4, "intelligence_manager", "duty intelligence manager";
        /// Out of hours desk.
        OutOfHours = 5, "out_of_hours", "out-of-hours desk";
    }
);
