/** Who may look at workflows and patterns, and who may change and start them. */
export const AUTOMATION_WRITERS = ['sales', 'operator', 'admin', 'service'] as const;
export const AUTOMATION_READERS = [...AUTOMATION_WRITERS, 'legal', 'viewer'] as const;
