use crate::words::words;

words!(
    /// Why somebody asks. The list is closed and is the whole of it: a purpose of immigration
    /// enforcement has no variant, so no file, message or program can hold one.
    Purpose, "purpose", {
        /// A life is in danger or serious harm is imminent.
        ProtectLife = 1, "protect_life", "protect life or prevent serious harm";
        /// An adult with care and support needs, or at risk of exploitation.
        SafeguardAdult = 2, "safeguard_adult", "safeguard an adult";
        /// A person under 18.
        SafeguardChild = 3, "safeguard_child", "safeguard a child";
        /// Prevent, detect, investigate or prosecute slavery, trafficking and exploitation.
        InvestigateExploitation = 4, "investigate_exploitation", "prevent, detect or prosecute slavery and exploitation";
        /// Care and recovery of a victim.
        SupportVictim = 5, "support_victim", "support a victim";
        /// A missing person at risk.
        FindMissingPerson = 6, "find_missing_person", "find a missing person at risk";
        /// Two agencies plan something at one place or about one person.
        AvoidConflict = 7, "avoid_conflict", "keep two operations from harming each other or a victim";
    }
);
