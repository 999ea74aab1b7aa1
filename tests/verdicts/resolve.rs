//! Stage `resolve`: DNS questions.
