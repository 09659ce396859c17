/** By which a program says that it could not run here; its last line is the reason. The same in the tests of automake. */
export const EXIT_NOT_RUN = 77;
