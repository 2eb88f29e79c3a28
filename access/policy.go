package access

import (
	"slices"

	"rigg/internal/id"
	"rigg/internal/problem"
)

// CodeForbidden refuses an action on something that the principal may see. What
// they may not see is problem.Absent.
var CodeForbidden = problem.Declare(problem.Forbidden, "forbidden",
	"Du har inte behörighet till det här", "You may not do this")

// Action is something that Allowed decides on.
type Action string

// The actions. The comment names the fields of Object that decide.
const (
	// SeeBooking is who booked, for which project and why, with its history
	// (Owner, Project, Facility, Site). Others see that the time is taken.
	SeeBooking Action = "see_booking"
	// Book is to book on a project, or to be booked for (Project).
	Book Action = "book"
	// BookForOther is to book on behalf of another, who needs Book (Project, Facility, Site).
	BookForOther Action = "book_for_other"
	// ChangeBooking is to move, resize, cancel, withdraw, answer (Owner, Project, Facility, Site).
	ChangeBooking Action = "change_booking"
	// UseBooking is to check in and out (Owner, Project, Facility, Site).
	UseBooking Action = "use_booking"
	// DecideBooking is to approve, decline, ask (Facility, Site).
	DecideBooking Action = "decide_booking"
	// ApproveForProject is the project's own answer to a costly booking (Project).
	ApproveForProject Action = "approve_for_project"
	// AcceptChange is to accept a change that the managers propose (Owner, Project).
	AcceptChange Action = "accept_change"
	// Delegate is to have somebody stand in for one, and to end it (Owner).
	Delegate Action = "delegate"
	// OperateBooking is what only the facility's staff does: no-show, override (Facility, Site).
	OperateBooking Action = "operate_booking"
	// SeeFacilityBookings is the facility's whole week with its requests (Facility, Site).
	SeeFacilityBookings Action = "see_facility_bookings"
	// ManageFacility is outages, hours, resources (Facility, Site).
	ManageFacility Action = "manage_facility"
	// SeeProjectMoney is totals and one's own part (Project, Programme, Parties).
	// Ask with one party alone in Parties to know whether its part may be seen.
	SeeProjectMoney Action = "see_project_money"
	// SeeAllShares is every party's part (Project, Programme).
	SeeAllShares Action = "see_all_shares"
	// SeePosition is a programme's money (Programme).
	SeePosition Action = "see_position"
	// SeeOutbox is a person's messages (Owner), or everybody's with a zero Object.
	SeeOutbox Action = "see_outbox"
	// AttachFile is to put a file to a booking or an enquiry (Owner, Project, Facility, Site).
	AttachFile Action = "attach_file"
	// SeeEnquiry is a question to a facility and its thread (Owner, Facility, Site).
	SeeEnquiry Action = "see_enquiry"
	// WriteEnquiry is to write in it, or to close it (Owner, Facility, Site).
	WriteEnquiry Action = "write_enquiry"
	// AnswerEnquiry is to write in it for the facility (Facility, Site).
	AnswerEnquiry Action = "answer_enquiry"
	// SeeDesk is what the facility's staff alone sees: reports, notes between
	// shifts, files for managers (Facility, Site).
	SeeDesk Action = "see_desk"
	// Administer is to change the catalogue, people, roles and programmes.
	Administer Action = "administer"
)

// Object is what an action is about: fill in all that is known.
type Object struct {
	Owner     id.Person // the booker, or whom a message is to
	Facility  id.Facility
	Site      id.Site // where the facility lies at the time
	Project   id.Project
	Parties   []id.Organisation // of the project's agreement
	Programme id.Programme
}

// who tells whether the principal is one of a group, for the object.
type who func(*Principal, Object) bool

// policy is the whole of DESIGN.md 2 and 6: who may do what. An administrator
// may do everything; an auditor sees everything and changes nothing.
var policy = map[Action][]who{
	SeeBooking:          {owner, projectLead, projectMember, manager, auditor},
	Book:                {projectLead, projectMember},
	BookForOther:        {projectLead, manager},
	ChangeBooking:       {owner, projectLead, manager},
	UseBooking:          {owner, projectLead, manager},
	DecideBooking:       {manager},
	ApproveForProject:   {projectLead},
	AcceptChange:        {owner, projectLead},
	Delegate:            {owner},
	OperateBooking:      {manager},
	SeeFacilityBookings: {manager, auditor},
	ManageFacility:      {manager},
	SeeProjectMoney:     {projectLead, projectMember, partyController, officer, auditor},
	SeeAllShares:        {projectLead, projectMember, officer, auditor},
	SeePosition:         {officer, auditor},
	SeeOutbox:           {owner, auditor},
	AttachFile:          {owner, projectLead, projectMember, manager},
	SeeEnquiry:          {owner, manager, auditor},
	WriteEnquiry:        {owner, manager},
	AnswerEnquiry:       {manager},
	SeeDesk:             {manager, auditor},
	Administer:          {},
}

// Allowed decides, for API, pages, commands and jobs alike. Nobody signed in
// (nil) may do nothing, and an action that is not in the policy is refused.
func Allowed(p *Principal, a Action, o Object) bool {
	if p == nil {
		return false
	}
	groups, known := policy[a]
	return known && (p.Has(Admin, "") || slices.ContainsFunc(groups, func(w who) bool { return w(p, o) }))
}

func owner(p *Principal, o Object) bool { return o.Owner != 0 && p.ID == o.Owner }

func projectLead(p *Principal, o Object) bool { return p.on(ProjectLead, string(o.Project)) }

func projectMember(p *Principal, o Object) bool { return p.on(ProjectMember, string(o.Project)) }

// manager is the facility's own, or the host's at the site where it lies.
func manager(p *Principal, o Object) bool {
	return p.on(FacilityManager, string(o.Facility)) || p.on(HostManager, string(o.Site))
}

// partyController speaks for one of the parties that pay.
func partyController(p *Principal, o Object) bool {
	return slices.ContainsFunc(o.Parties, func(party id.Organisation) bool {
		return p.on(OrganisationController, string(party)) || p.on(OrganisationAdmin, string(party))
	})
}

func officer(p *Principal, o Object) bool { return p.on(ProgrammeOfficer, string(o.Programme)) }

func auditor(p *Principal, _ Object) bool { return p.Has(Auditor, "") }

// on is Has for a scope that may be unknown, which is nobody's.
func (p *Principal) on(r Role, scope string) bool { return scope != "" && p.Has(r, scope) }
