export const TABLES = { main: 'names', all: ['Names'] };
