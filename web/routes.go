package web

import "github.com/gofiber/fiber/v2"

// routes lists every address there is. GET answers HEAD too.
func (s *Server) routes() {
	a := s.app
	a.Get("/healthz", s.healthz)
	a.Get("/readyz", s.readyz)
	a.Get("/metrics", s.metricsPage())
	a.Get("/static/:version/*", s.serveStatic)
	a.Get("/calendar/:secret.ics", s.feed)

	a.Get("/", s.open(s.pageFind))
	a.Get("/facilities/:id", s.open(s.pageFacility))
	a.Get("/facilities/:id/timeline.json", s.open(s.timelineJSON))
	a.Get("/facilities/:id/members", s.personal(s.pageMembers))
	a.Post("/facilities/:id/members", s.personal(s.postMember))
	a.Post("/facilities/:id/members/leave", s.personal(s.postMemberLeaves))
	a.Get("/facilities/:id/outages", s.open(s.pageOutages))
	a.Get("/facilities/:id/outages/new", s.personal(s.pageNewOutage))
	a.Post("/facilities/:id/outages", s.personal(s.postOutage))
	a.Get("/facilities/:id/waits", s.personal(s.pageFacilityWaits))
	a.Get("/outages/:id", s.personal(s.pageOutage))
	a.Post("/outages/:id", s.personal(s.postOutageChange))
	a.Post("/outages/:id/lift", s.personal(s.postLift))

	a.Get("/book", s.personal(s.pageBook))
	a.Post("/book", s.open(s.postBook)) // asks for sign-in itself, to keep what was typed
	a.Get("/book/quote", s.open(s.pageQuote))
	a.Post("/book/quote", s.open(s.pageQuote)) // who comes along stays out of addresses, and of others' logs
	a.Get("/bookings", s.personal(s.pageBookings))
	a.Get("/bookings/:ref", s.personal(s.pageBooking))
	a.Post("/bookings/:ref/move", s.personal(s.postMove))
	a.Post("/bookings/:ref/pin", s.personal(s.postPin))
	a.Post("/bookings/:ref/:action", s.personal(s.postAction))
	a.Get("/series/:ref", s.personal(s.pageSeries))
	a.Post("/series/:ref/add", s.personal(s.postSeriesAdd))
	a.Post("/series/:ref/edit", s.personal(s.postSeriesEdit))
	a.Post("/series/:ref/cancel", s.personal(s.postSeriesCancel))
	a.Get("/waits", s.personal(s.pageWaits))
	a.Get("/waits/new", s.personal(s.pageJoin))
	a.Post("/waits", s.personal(s.postJoin))
	a.Get("/waits/:ref", s.personal(s.pageWait))
	a.Post("/waits/:ref/:action", s.personal(s.postWaitAction))
	a.Get("/inbox", s.personal(s.pageInbox))
	a.Get("/projects", s.personal(s.pageProjects))
	a.Get("/projects/:id", s.personal(s.pageMoney))
	a.Get("/outbox", s.personal(s.pageOutbox))
	a.Get("/feeds", s.personal(s.pageFeeds))
	a.Post("/feeds", s.personal(s.postFeed))
	a.Post("/feeds/:id/revoke", s.personal(s.postRevokeFeed))

	a.Get("/sign-in", s.open(s.pageSignIn))
	a.Post("/sign-in", s.open(s.postSignIn))
	a.Get("/sign-in/sent", s.open(s.pageSignInSent))
	a.Get("/sign-in/:secret", s.open(s.pageSignInLink))
	a.Post("/sign-in/:secret", s.open(s.postSignInLink))
	a.Post("/sign-out", s.open(s.postSignOut))
	a.Post("/language", s.open(s.postLanguage))
	a.Post("/theme", s.open(s.postTheme))
	if s.Demo {
		a.Get("/demo/people", s.open(s.pageDemo))
		a.Post("/demo/people/:email", s.open(s.postDemo))
	}

	a.Get("/problems", s.open(s.pageProblems))
	a.Get("/problems/:code", s.open(s.pageProblem))
	a.Get("/api", func(c *fiber.Ctx) error { return c.Redirect("/api/docs") })
	a.Get("/api/docs", s.open(s.pageDocs))
	s.api()
}
