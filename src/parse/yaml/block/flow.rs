//! Flow sequences and mappings on one line.
//!
//! Left out: empty entries, a comma at the end, pairs in sequences, and values right behind the
//! colon.

use super::Block;
use super::scalars::Stops;

impl Block<'_, '_, '_> {
    pub(super) fn flow_node(&mut self) -> Option<()> {
        match self.peek()? {
            b'[' => self.flow_sequence(),
            b'{' => self.flow_mapping(),
            _ => {
                let scalar = self.scalar(Stops::Flow)?;
                self.push(&scalar);
                Some(())
            }
        }
    }

    fn flow_sequence(&mut self) -> Option<()> {
        self.reader.builder.open_array(self.at);
        self.check_levels()?;
        let mut more = self.enter_flow(b']');
        while more {
            self.flow_node()?;
            more = self.next_in_flow(b']')?;
        }
        self.reader.builder.close(self.end);
        Some(())
    }

    pub(super) fn flow_mapping(&mut self) -> Option<()> {
        self.reader.builder.open_object(self.at);
        self.check_levels()?;
        let mut more = self.enter_flow(b'}');
        while more {
            let key = self.scalar(Stops::Flow)?;
            self.key(&key)?;
            self.at = self.after_spaces(self.at);
            self.flow_node()?;
            more = self.next_in_flow(b'}')?;
        }
        self.close_object()
    }

    /// Goes past the opening bracket. Returns whether anything is inside.
    fn enter_flow(&mut self, bracket: u8) -> bool {
        self.at = self.after_spaces(self.at + 1);
        !self.leave_flow(bracket)
    }

    /// Goes past a comma or the closing bracket. Returns whether it was a comma.
    fn next_in_flow(&mut self, bracket: u8) -> Option<bool> {
        self.at = self.after_spaces(self.at);
        if self.peek() == Some(b',') {
            self.at = self.after_spaces(self.at + 1);
            return Some(true);
        }
        self.leave_flow(bracket).then_some(false)
    }

    fn leave_flow(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        if closes {
            self.at += 1;
            self.end = self.at;
        }
        closes
    }
}
