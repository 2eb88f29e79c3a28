package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type absencePage struct {
	shell
	Mine   []delegationRow // who stands in for the visitor
	Others []delegationRow // for whom the visitor does
	To     string
	First  string
	Last   string
	Reason string
	Today  string
	Lends  bool // the visitor has something to lend
	Errors map[string]string
}

type delegationRow struct {
	ID, Name, Email, Reason string
	First, Last             string
	InForce                 bool
}

// pageAbsence shows who stands in for the visitor, and for whom the visitor does.
func (s *Server) pageAbsence(c *fiber.Ctx, v *visit) error {
	today := period.DateOf(v.now, siteZone).String()
	return s.showAbsence(c, v, absencePage{First: today, Last: today}, fiber.StatusOK)
}

func (s *Server) showAbsence(c *fiber.Ctx, v *visit, page absencePage, status int) error {
	list, err := s.Access.ListDelegations(v.ctx, v.who)
	if err != nil {
		return err
	}
	for _, d := range list {
		row := delegationRow{
			ID: strconv.FormatInt(int64(d.ID), 10), Reason: d.Reason, InForce: d.InForce(v.now),
			First: v.date(d.First.UTC()), Last: v.date(d.Last.UTC()),
		}
		if d.From.ID == v.who.ID {
			row.Name, row.Email = d.To.Name, d.To.Email
			page.Mine = append(page.Mine, row)
		} else {
			row.Name = d.From.Name
			page.Others = append(page.Others, row)
		}
	}
	page.Today = period.DateOf(v.now, siteZone).String()
	page.Lends = v.holds(access.FacilityManager, access.HostManager, access.ProjectLead)
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/absence"
	return s.page(c, v, status, "absence", page)
}

// postAbsence names a stand-in. What is wrong stands beside the field.
func (s *Server) postAbsence(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	page := absencePage{
		To: clip(strings.TrimSpace(values.Get("to")), 254), First: clip(values.Get("from"), 10), Last: clip(values.Get("until"), 10),
		Reason: clip(strings.TrimSpace(values.Get("reason")), 501), Errors: map[string]string{},
	}
	a := access.Absence{To: page.To, Reason: page.Reason}
	for name, day := range map[string]struct {
		written string
		to      *period.Date
	}{"from": {page.First, &a.First}, "until": {page.Last, &a.Last}} {
		if *day.to, err = period.ParseDate(day.written); err != nil {
			page.Errors[name] = problem.From(err).Text().In(v.lang)
		}
	}
	if len(page.Errors) > 0 {
		return s.showAbsence(c, v, page, fiber.StatusUnprocessableEntity)
	}
	if _, err := s.Access.Delegate(v.ctx, v.who, a); err != nil {
		e := known(err)
		if e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Refused {
			return err
		}
		name := "to"
		if len(e.Fields) > 0 && (e.Fields[0].Path == "until" || e.Fields[0].Path == "reason") {
			name = e.Fields[0].Path
		}
		page.Errors[name] = e.Text().In(v.lang)
		return s.showAbsence(c, v, page, statusOf(e))
	}
	return s.leave(c, "/absence", "flash.delegated")
}

func (s *Server) postEndAbsence(c *fiber.Ctx, v *visit) error {
	n, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil || n < 1 {
		return problem.Absent()
	}
	if err := s.Access.EndDelegation(v.ctx, v.who, id.Delegation(n)); err != nil {
		return err
	}
	return s.leave(c, "/absence", "flash.delegation_ended")
}
