-- Members of a facility, for rules that let them book on terms of their own; and
-- the people of an organisation, for its quotas.

-- +goose Up
alter table roles
  drop constraint roles_role_check,
  add constraint roles_role_check check (role in ('admin', 'programme_officer', 'host_manager', 'facility_manager',
    'facility_member', 'organisation_admin', 'organisation_controller', 'project_lead', 'project_member', 'controller',
    'auditor'));
create index memberships_by_organisation on memberships (organisation_id);

-- +goose Down
drop index memberships_by_organisation;
delete from roles where role = 'facility_member';
alter table roles
  drop constraint roles_role_check,
  add constraint roles_role_check check (role in ('admin', 'programme_officer', 'host_manager', 'facility_manager',
    'organisation_admin', 'organisation_controller', 'project_lead', 'project_member', 'controller', 'auditor'));
