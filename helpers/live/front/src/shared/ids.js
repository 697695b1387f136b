/** Make a name that no other element or message of this page has. */
export const uniqueId = () => `tr-${Math.random().toString(36).slice(2)}`;
