"""The query engine: questions in catalogue terms or guarded SQL, answered under the actor's row-level rules."""
