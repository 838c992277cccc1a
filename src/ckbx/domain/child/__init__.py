"""适龄儿童: one child's enrolment, both status axes, absences, suspicions, leaves."""
