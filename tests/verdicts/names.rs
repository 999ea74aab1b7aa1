//! What a flow is called, and by whose word.
