//! windfall: which Apple connections succeed, stall or get reset, why, and who did it.

pub mod address_block;
pub mod capture;
pub mod catalogue;
pub mod decode;
pub mod flow;
pub mod hostname;
pub mod monitor;
pub mod pipeline;
pub mod protocol;
pub mod side;
pub mod transport;
pub mod verdict;
